package io.batchwright.train.graph;

import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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
 * <p>In binary operations {@code b} has the shape of {@code a}, or is a row [C] or [1, C] against
 * {@code a} [..., C], or a column [..., 1], or a single element.
 */
public final class Graph {
  private final Backend backend;
  private final Arena step;
  private final SavedTensors savedTensors;
  private final List<Variable> tape = new ArrayList<>();
  private final Map<Parameter, Variable> leaves = new IdentityHashMap<>();
  private final ParameterGradients parameterGradients = new ParameterGradients(this);
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
    return new Variable(value.label(), value, List.of(), null, false);
  }

  /** A tensor that gets a gradient, see {@link Variable#gradient()}, without being a parameter. */
  public Variable variable(Tensor value) {
    return new Variable(value.label(), value, List.of(), null, true);
  }

  /** The whole of a parameter; the same variable at every call. */
  public Variable parameter(Parameter parameter) {
    return leaves.computeIfAbsent(
        parameter,
        p -> {
          Variable leaf = new Variable(p.name(), p.value(), List.of(), null, !p.frozen());
          parameterGradients.dense(p, leaf);
          return leaf;
        });
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
    boolean needsGradient = edges.stream().anyMatch(edge -> edge.input().needsGradient());
    Variable result = new Variable(operation, value, edges, null, needsGradient);
    if (needsGradient) {
      tape.add(result);
    }
    return result;
  }

  // Element-wise

  /** {@code a + b}. */
  public Variable add(Variable a, Variable b) {
    return ElementOperations.add(this, a, b);
  }

  /** {@code a - b}. */
  public Variable sub(Variable a, Variable b) {
    return ElementOperations.sub(this, a, b);
  }

  /** {@code a * b}, element by element. */
  public Variable mul(Variable a, Variable b) {
    return ElementOperations.mul(this, a, b);
  }

  /** {@code a / b}, element by element. */
  public Variable div(Variable a, Variable b) {
    return ElementOperations.div(this, a, b);
  }

  /** {@code factor * x}. */
  public Variable scale(Variable x, double factor) {
    return ElementOperations.scale(this, x, factor);
  }

  /** {@code x + addend}. */
  public Variable shift(Variable x, double addend) {
    return ElementOperations.shift(this, x, addend);
  }

  public Variable exp(Variable x) {
    return ElementOperations.exp(this, x);
  }

  /** The natural logarithm. */
  public Variable log(Variable x) {
    return ElementOperations.log(this, x);
  }

  public Variable sqrt(Variable x) {
    return ElementOperations.sqrt(this, x);
  }

  public Variable tanh(Variable x) {
    return ElementOperations.tanh(this, x);
  }

  /** {@code max(x, 0)}, with gradient 0 at 0. */
  public Variable relu(Variable x) {
    return ElementOperations.relu(this, x);
  }

  /** {@code x * (1 + erf(x / sqrt 2)) / 2}. */
  public Variable gelu(Variable x) {
    return ElementOperations.gelu(this, x);
  }

  // Reductions

  /** The sum of all elements, a scalar; 0 where there are none. */
  public Variable sum(Variable x) {
    return ReductionOperations.sum(this, x);
  }

  /** The mean of all elements, a scalar; there must be at least one. */
  public Variable mean(Variable x) {
    return scale(sum(x), 1.0 / x.shape().elements());
  }

  /** The sum of each row: [..., C] -> [..., 1]. */
  public Variable sumRows(Variable x) {
    return ReductionOperations.sumRows(this, x);
  }

  /** The mean of each row: [..., C] -> [..., 1]. */
  public Variable meanRows(Variable x) {
    return scale(sumRows(x), 1.0 / x.shape().columns());
  }

  /**
   * {@code log sum over j of exp(scores[i, j])} of each row.
   *
   * @param scores [B, N]
   * @param mask null, or I32 [B, N] where 0 takes a score out of the sum
   * @return [B]; minus infinity for a row whose scores are all out
   */
  public Variable logSumExpRows(Variable scores, Tensor mask) {
    return ReductionOperations.logSumExpRows(this, scores, mask);
  }

  /** Each row scaled to unit length: [B, D] -> [B, D]; a zero row stays zero. */
  public Variable l2Normalize(Variable x) {
    return ReductionOperations.l2Normalize(this, x);
  }

  // Matrices

  /** [M, K] x [K, N] -> [M, N]. */
  public Variable matmul(Variable a, Variable b) {
    return MatrixOperations.matmul(this, a, false, b, false, 1);
  }

  /** {@code alpha * op(a) op(b)}, where op transposes if its flag says so. */
  public Variable matmul(
      Variable a, boolean transposeA, Variable b, boolean transposeB, double alpha) {
    return MatrixOperations.matmul(this, a, transposeA, b, transposeB, alpha);
  }

  /** {@code x weight^T + bias}: [B, I] x [O, I] + [O] -> [B, O]. */
  public Variable linear(Variable x, Variable weight, Variable bias) {
    return add(matmul(x, false, weight, true, 1), bias);
  }

  /** [M, N] -> [N, M]. */
  public Variable transpose(Variable x) {
    return MatrixOperations.transpose(this, x);
  }

  /** The same elements in the same order under another shape. */
  public Variable reshape(Variable x, Shape shape) {
    return MatrixOperations.reshape(this, x, shape);
  }

  // Rows

  /**
   * The mean row of each bag of tokens. Only the rows of the tokens are brought up to date and get
   * a gradient.
   *
   * @param table [V, D]
   * @param tokens [T] row numbers (I32)
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [B, D]; zero for an empty bag
   */
  public Variable embeddingBagMean(Parameter table, Tensor tokens, Tensor cuSeqlens) {
    return RowOperations.embeddingBagMean(this, table, tokens, cuSeqlens);
  }

  /** {@code x[rows[i]]}: [V, D] and rows I32 [N] -> [N, D]; rows may repeat. */
  public Variable gatherRows(Variable x, Tensor rows) {
    return RowOperations.gather(this, x, rows);
  }

  /** The rows from {@code from} (included) to {@code to} (excluded). */
  public Variable sliceRows(Variable x, int from, int to) {
    return RowOperations.slice(this, x, from, to);
  }

  /** The columns from {@code from} (included) to {@code to} (excluded) of [B, D]. */
  public Variable sliceColumns(Variable x, int from, int to) {
    return transpose(sliceRows(transpose(x), from, to));
  }

  /** One after the other along the first dim. */
  public Variable concatRows(List<Variable> parts) {
    return RowOperations.concat(this, parts);
  }

  /** One beside the other: parts [B, N_k] -> [B, sum of N_k]. */
  public Variable concatColumns(List<Variable> parts) {
    return transpose(concatRows(parts.stream().map(this::transpose).toList()));
  }

  /** {@code x[i, columns[i]]}: [B, N] and columns I32 [B] -> [B]. */
  public Variable pick(Variable x, Tensor columns) {
    return RowOperations.pick(this, x, columns);
  }

  // Sequences, packed one behind the other: T positions, sequence b from cuSeqlens[b] on

  /**
   * Exact scaled dot-product attention within each sequence.
   *
   * @param queries [T, D]
   * @param keys [T, D]
   * @param values [T, D]
   * @param cuSeqlens [B + 1] offsets (I32)
   * @return [T, D]
   */
  public Variable attention(
      Variable queries, Variable keys, Variable values, Tensor cuSeqlens, AttentionForm form) {
    return attention(queries, keys, values, cuSeqlens, form, AttentionDropout.NONE);
  }

  /** {@link #attention(Variable, Variable, Variable, Tensor, AttentionForm)}, with dropout. */
  public Variable attention(
      Variable queries,
      Variable keys,
      Variable values,
      Tensor cuSeqlens,
      AttentionForm form,
      AttentionDropout dropout) {
    return SequenceOperations.attention(this, queries, keys, values, cuSeqlens, form, dropout);
  }

  /**
   * Each row with mean 0 and variance 1, then a gain and a bias for each column.
   *
   * @param x [B, D]
   * @param gain [D]
   * @param bias [D]
   * @param epsilon added to the variance
   */
  public Variable layerNorm(Variable x, Variable gain, Variable bias, double epsilon) {
    return SequenceOperations.layerNorm(this, x, gain, bias, epsilon);
  }

  /**
   * Sets elements to 0 with this probability and scales the others up.
   *
   * @param x [T, D]
   * @param stream of this use of dropout in this step
   * @param rows [T] (I32) what each row is in the global batch, so that what is dropped does not
   *     depend on how the batch is spread over ranks
   */
  public Variable dropout(Variable x, RandomStream stream, Tensor rows, double probability) {
    return SequenceOperations.dropout(this, x, stream, rows, probability);
  }

  /**
   * A row for each token. Only the rows of the tokens are brought up to date and get a gradient.
   *
   * @param table [V, D]
   * @param tokens [T] row numbers (I32)
   * @return [T, D]
   */
  public Variable embedding(Parameter table, Tensor tokens) {
    return SequenceOperations.embedding(this, table, tokens);
  }

  /** The mean row of each sequence: [T, D] -> [B, D]; zero for an empty one. */
  public Variable segmentMean(Variable x, Tensor cuSeqlens) {
    return SequenceOperations.segmentMean(this, x, cuSeqlens);
  }

  // Backward

  /** Goes backward from a scalar. */
  public void backward(Variable loss) {
    if (loss.shape().elements() != 1) {
      throw new IllegalStateException(
          "backward starts from one element, " + loss.operation() + " has " + loss.shape());
    }
    Tensor one = allocate("one", loss.value());
    backend.fill(one, 1);
    backward(loss, one);
  }

  /**
   * Goes backward from any variable and adds to the gradients of the parameters.
   *
   * @param seed the gradient of {@code output}, of its shape
   */
  public void backward(Variable output, Tensor seed) {
    requireOpen();
    done = true;
    if (output.needsGradient()) {
      output.accumulate(seed, this);
    }
    for (int i = tape.size() - 1; i >= 0; i--) {
      tape.get(i).propagate(this);
    }
    tape.clear();
    parameterGradients.publish();
  }

  // For the operations of this package

  /** A tensor of the step arena with the type and shape of {@code like}; contents undefined. */
  Tensor allocate(String label, Tensor like) {
    return step.allocate(label, like.dtype(), like.shape());
  }

  Tensor allocate(String label, DType dtype, Shape shape) {
    return step.allocate(label, dtype, shape);
  }

  Supplier<Tensor> save(Tensor tensor) {
    return savedTensors.pack(tensor);
  }

  /** An operation whose gradient goes to a parameter by its own way. */
  Variable sink(String operation, Tensor value, Consumer<Tensor> gradientSink) {
    requireOpen();
    Variable result = new Variable(operation, value, List.of(), gradientSink, true);
    tape.add(result);
    return result;
  }

  ParameterGradients parameterGradients() {
    return parameterGradients;
  }

  private void requireOpen() {
    if (done) {
      throw new IllegalStateException("this graph has gone backward already; use a new one");
    }
  }
}
