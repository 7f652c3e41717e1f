package io.batchwright.train.graph;

import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A value in a {@link Graph}, with the operation that made it and, after the backward pass, its
 * gradient.
 */
public final class Variable {
  private final Graph owner;
  private final String operation;
  private final Tensor value;
  private final boolean isParameter;
  private final boolean needsGradient;
  private final List<Edge> edges;
  private final Consumer<Tensor> gradientSink;
  private Tensor gradient;
  private boolean gradientIsOwn;

  private Variable(Graph owner, String operation, Tensor value, Kind kind, List<Edge> edges) {
    this.owner = owner;
    this.operation = operation;
    this.value = value;
    this.isParameter = kind.isParameter;
    this.needsGradient = kind.needsGradient;
    this.gradientSink = kind.gradientSink;
    this.edges = List.copyOf(edges);
  }

  private record Kind(boolean isParameter, boolean needsGradient, Consumer<Tensor> gradientSink) {}

  /** A value that no operation made. */
  static Variable leaf(Graph owner, Tensor value, boolean needsGradient) {
    Kind kind = new Kind(false, needsGradient, gradient -> {});
    return new Variable(owner, value.label(), value, kind, List.of());
  }

  /** A parameter as it is stored. */
  static Variable parameter(Graph owner, Parameter parameter) {
    Kind kind = new Kind(true, !parameter.frozen(), gradient -> {});
    return new Variable(owner, parameter.name(), parameter.value(), kind, List.of());
  }

  /** What an operation made; it needs a gradient if one of its inputs does. */
  static Variable result(Graph owner, String operation, Tensor value, List<Edge> edges) {
    boolean needsGradient = edges.stream().anyMatch(edge -> edge.input().needsGradient());
    return new Variable(
        owner, operation, value, new Kind(false, needsGradient, gradient -> {}), edges);
  }

  /** What an operation made that takes care of its gradient itself. */
  static Variable sink(Graph owner, String operation, Tensor value, Consumer<Tensor> gradientSink) {
    return new Variable(owner, operation, value, new Kind(false, true, gradientSink), List.of());
  }

  public Tensor value() {
    return value;
  }

  public Shape shape() {
    return value.shape();
  }

  /** The name of the operation that made it, for messages. */
  public String operation() {
    return operation;
  }

  /** Whether a backward pass gives it a gradient. */
  public boolean needsGradient() {
    return needsGradient;
  }

  /** Whether it is a parameter as it is stored. */
  boolean isParameter() {
    return isParameter;
  }

  /**
   * The gradient, once a backward pass has reached this variable. That of an operation's result is
   * gone again where the pass uses its memory for further gradients.
   */
  public Optional<Tensor> gradient() {
    return Optional.ofNullable(gradient);
  }

  /** The gradient, if it is a tensor that nothing else holds. */
  Optional<Tensor> ownGradient() {
    return gradientIsOwn ? gradient() : Optional.empty();
  }

  /**
   * The value of a scalar, copied to the host.
   *
   * @throws IllegalArgumentException if it does not have exactly one element
   */
  public double item() {
    return value.scalar();
  }

  /** Hands the gradient on to the inputs; does nothing where no gradient has arrived. */
  void propagate(Graph graph) {
    if (gradient == null) {
      return;
    }
    gradientSink.accept(gradient);
    boolean lent = edges.isEmpty();
    for (Edge edge : edges) {
      if (edge.input().needsGradient()) {
        edge.input().accumulate(edge.pullback(), gradient, graph);
        lent |= !edge.pullback().makesItsResult();
      }
    }
    if (gradientIsOwn && !lent) {
      graph.giveBack(gradient);
      gradient = null;
    }
  }

  /** Adds what a backward function makes of the gradient of its operation's output. */
  private void accumulate(Pullback pullback, Tensor outputGradient, Graph from) {
    if (gradientIsOwn && pullback.addTo(outputGradient, gradient)) {
      return;
    }
    boolean first = gradient == null;
    accumulate(pullback.apply(outputGradient), from);
    gradientIsOwn |= first && pullback.makesItsResult();
  }

  /**
   * Adds a contribution; a second one goes into a tensor of our own, never into a borrowed one, and
   * one from a graph inside of ours, whose memory is gone sooner, is copied.
   */
  void accumulate(Tensor contribution, Graph from) {
    if (!contribution.shape().equals(value.shape())) {
      throw new IllegalStateException(
          "gradient of %s has shape %s, its value %s"
              .formatted(operation, contribution.shape(), value.shape()));
    }
    if (gradient == null) {
      gradient = from == owner ? contribution : owner.copyOf(operation + ".gradient", contribution);
      gradientIsOwn = from != owner;
    } else if (gradientIsOwn) {
      owner.backend().axpy(1, contribution, gradient);
    } else {
      Tensor sum = owner.allocate(operation + ".gradient", value);
      owner.backend().add(gradient, contribution, sum);
      gradient = sum;
      gradientIsOwn = true;
    }
  }
}
