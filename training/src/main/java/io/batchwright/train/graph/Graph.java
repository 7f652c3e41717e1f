package io.batchwright.train.graph;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A define-by-run computation: each call computes at once and remembers how to go backward.
 *
 * <pre>
 * Graph g = new Graph(backend, stepArena);
 * Variable y = g.linear(g.constant(x), g.parameter(weight), g.parameter(bias)); // [B, O]
 * g.backward(g.sum(y));
 * weight.gradient();
 * </pre>
 *
 * <p>All results and gradients live in the step arena. The backward pass visits operations in the
 * exact reverse of the order in which they were called, so its sums are the same in every run. A
 * graph is used by one thread for one backward pass. A gradient that a parameter already has is
 * added to, so several graphs may contribute before an update.
 *
 * <p>The operations stand in {@link ElementGraph}, {@link ReductionGraph}, {@link MatrixGraph},
 * {@link RowGraph} and {@link SequenceGraph}.
 */
public final class Graph
    implements ElementGraph, ReductionGraph, MatrixGraph, RowGraph, SequenceGraph {
  private final Backend backend;
  private final Arena step;
  private final SavedTensors savedTensors;
  private final Optional<Graph> outer;
  private final List<Variable> tape = new ArrayList<>();
  private final Map<Parameter, Variable> leaves = new IdentityHashMap<>();
  private final ParameterGradients parameterGradients;
  private final Map<Room, Deque<Tensor>> spare = new HashMap<>();
  private boolean done;

  /** A graph that keeps what its backward functions need as it is. */
  public Graph(Backend backend, Arena step) {
    this(backend, step, SavedTensors.KEEP);
  }

  /**
   * A graph.
   *
   * @param backend computes
   * @param step the arena that holds every result until it is reset
   * @param savedTensors packs what operations keep for their backward functions
   */
  public Graph(Backend backend, Arena step, SavedTensors savedTensors) {
    this.backend = backend;
    this.step = step;
    this.savedTensors = savedTensors;
    this.outer = Optional.empty();
    this.parameterGradients = new ParameterGradients(this);
  }

  /** A graph whose results are gone before those of {@code outer}, and which shares its leaves. */
  Graph(Graph outer, Arena memory) {
    this.backend = outer.backend;
    this.step = memory;
    this.savedTensors = SavedTensors.KEEP;
    this.outer = Optional.of(outer);
    this.parameterGradients = outer.parameterGradients;
  }

  @Override
  public Graph graph() {
    return this;
  }

  public Backend backend() {
    return backend;
  }

  /** The step arena, for operations that are defined elsewhere. */
  public Arena arena() {
    return step;
  }

  // Leaves

  /** A tensor that gets no gradient. */
  public Variable constant(Tensor value) {
    return Variable.leaf(this, value, false);
  }

  /** A tensor that gets a gradient, see {@link Variable#gradient()}, without being a parameter. */
  public Variable variable(Tensor value) {
    return Variable.leaf(this, value, true);
  }

  /**
   * The whole of a parameter, as its {@link Reparametrization} makes it; the same variable at every
   * call.
   */
  public Variable parameter(Parameter parameter) {
    if (outer.isPresent()) {
      return outer.get().parameter(parameter);
    }
    Variable known = leaves.get(parameter);
    if (known != null) {
      return known;
    }
    Variable leaf = Variable.parameter(this, parameter);
    parameterGradients.readsWhole(parameter, leaf);
    Variable used = parameter.reparametrization().apply(this, leaf);
    leaves.put(parameter, used);
    return used;
  }

  /** The same value, through which no gradient flows. */
  public Variable stopGradient(Variable x) {
    return constant(x.value());
  }

  // Operations defined elsewhere

  /**
   * An operation with one input that is computed outside of the graph.
   *
   * @param operation its name, for messages
   * @param value its result, already computed
   */
  public Variable custom(String operation, Tensor value, Variable input, Pullback pullback) {
    return custom(operation, value, List.of(new Edge(input, pullback)));
  }

  /**
   * An operation that is computed outside of the graph. In the backward pass the pullbacks are
   * called in the order of the edges, those of inputs that need no gradient are left out; all ranks
   * that record the same operations therefore call them in the same order.
   */
  public Variable custom(String operation, Tensor value, List<Edge> edges) {
    requireOpen();
    Variable result = Variable.result(this, operation, value, edges);
    if (result.needsGradient()) {
      tape.add(result);
    }
    return result;
  }

  /**
   * What {@code body} makes of {@code x}, computed twice: what it needs in between is forgotten at
   * once and computed again on the way back, so that only {@code x} and the result are kept. The
   * gradients are the same bits where nothing else reads {@code x}; where something does, what
   * {@code body} adds to its gradient is summed first, so last bits may differ.
   *
   * @param operation its name, for messages
   * @param body gets a graph and {@code x} in it; the same result at every call, so what it draws
   *     must depend on positions alone
   * @return of the shape that {@code body} gives
   */
  public Variable recompute(
      String operation, Variable x, BiFunction<Graph, Variable, Variable> body) {
    return Recomputation.of(this, operation, x, body);
  }

  /**
   * Keeps a value for a backward function; parameters stay where they are, all else is packed.
   *
   * @return the value, once for each backward function
   */
  public Supplier<Tensor> save(Variable x) {
    return x.isParameter() ? x::value : savedTensors.pack(x.value());
  }

  // Backward

  /** The parameters that operations recorded so far read as a whole, not only rows of them. */
  public List<Parameter> readWhole() {
    return parameterGradients.readWhole();
  }

  /** Goes backward from a scalar. */
  public void backward(Variable loss) {
    backward(loss, GradientListener.NONE);
  }

  /**
   * Goes backward from a scalar.
   *
   * @param listener hears of each parameter's gradient as soon as it is complete
   */
  public void backward(Variable loss, GradientListener listener) {
    if (loss.shape().elements() != 1) {
      throw new IllegalStateException(
          "backward starts from one element, " + loss.operation() + " has " + loss.shape());
    }
    Tensor one = allocate("one", loss.value());
    backend.fill(one, 1);
    backward(loss, one, listener);
  }

  /**
   * Goes backward from any variable and adds to the gradients of the parameters.
   *
   * @param seed the gradient of {@code output}, of its shape
   */
  public void backward(Variable output, Tensor seed) {
    backward(output, seed, GradientListener.NONE);
  }

  private void backward(Variable output, Tensor seed, GradientListener listener) {
    requireOpen();
    done = true;
    if (output.needsGradient()) {
      output.accumulate(seed, this);
    }
    for (int i = tape.size() - 1; i >= 0; i--) {
      tape.get(i).propagate(this);
      if (outer.isEmpty()) {
        parameterGradients.complete(i, listener);
      }
    }
    tape.clear();
    if (outer.isEmpty()) {
      parameterGradients.complete(0, listener);
    }
  }

  // For the operations of this package

  /** A tensor of the step arena with the type and shape of {@code like}; contents undefined. */
  Tensor allocate(String label, Tensor like) {
    return allocate(label, like.dtype(), like.shape());
  }

  Tensor allocate(String label, DType dtype, Shape shape) {
    Deque<Tensor> free = spare.get(new Room(dtype, shape));
    return free == null || free.isEmpty() ? step.allocate(label, dtype, shape) : free.pop();
  }

  /** Nobody needs this gradient any more: the next of its size takes its memory, still in cache. */
  void giveBack(Tensor gradient) {
    spare
        .computeIfAbsent(new Room(gradient.dtype(), gradient.shape()), room -> new ArrayDeque<>())
        .push(gradient);
  }

  /** What tensors have in common that can stand for each other. */
  private record Room(DType dtype, Shape shape) {}

  Tensor copyOf(String label, Tensor tensor) {
    Tensor copy = allocate(label, tensor);
    backend.copy(tensor, copy);
    return copy;
  }

  Supplier<Tensor> save(Tensor result) {
    return savedTensors.pack(result);
  }

  /** An operation whose gradient goes to a parameter by its own way. */
  Variable sink(String operation, Tensor value, Consumer<Tensor> gradientSink) {
    requireOpen();
    Variable result = Variable.sink(this, operation, value, gradientSink);
    tape.add(result);
    return result;
  }

  ParameterGradients parameterGradients() {
    return parameterGradients;
  }

  /** How many operations are on the tape: the number of the next. */
  int recorded() {
    return tape.size();
  }

  private void requireOpen() {
    if (done) {
      throw new IllegalStateException("this graph has gone backward already; use a new one");
    }
  }
}
