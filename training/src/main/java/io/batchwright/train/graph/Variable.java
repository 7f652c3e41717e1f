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
  private final String operation;
  private final Tensor value;
  private final List<Edge> edges;
  private final Consumer<Tensor> gradientSink;
  private final boolean needsGradient;
  private Tensor gradient;
  private boolean gradientIsOwn;

  Variable(
      String operation,
      Tensor value,
      List<Edge> edges,
      Consumer<Tensor> gradientSink,
      boolean needsGradient) {
    this.operation = operation;
    this.value = value;
    this.edges = List.copyOf(edges);
    this.gradientSink = gradientSink;
    this.needsGradient = needsGradient;
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

  /** The gradient, once a backward pass has reached this variable. */
  public Optional<Tensor> gradient() {
    return Optional.ofNullable(gradient);
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
    if (gradientSink != null) {
      gradientSink.accept(gradient);
    }
    for (Edge edge : edges) {
      if (edge.input().needsGradient()) {
        edge.input().accumulate(edge.pullback().apply(gradient), graph);
      }
    }
  }

  /** Adds a contribution; a second one goes into a tensor of our own, never into a borrowed one. */
  void accumulate(Tensor contribution, Graph graph) {
    if (!contribution.shape().equals(value.shape())) {
      throw new IllegalStateException(
          "gradient of %s has shape %s, its value %s"
              .formatted(operation, contribution.shape(), value.shape()));
    }
    if (gradient == null) {
      gradient = contribution;
    } else if (gradientIsOwn) {
      graph.backend().axpy(1, contribution, gradient);
    } else {
      Tensor sum = graph.allocate(operation + ".gradient", value);
      graph.backend().add(gradient, contribution, sum);
      gradient = sum;
      gradientIsOwn = true;
    }
  }
}
