package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table and a vector under an optimizer, with gradients that are a function of the step. */
final class OptimizerRun implements AutoCloseable {
  static final int ROWS = 7;
  static final int DIMS = 3;

  final Backend backend = Backends.cpu();
  final Arena arena = backend.arena("run");
  final Parameter table;
  final Parameter vector;
  final OptimizerInstance optimizer;
  double rateFactor = 1;

  OptimizerRun(DType dtype, Optimizer recipe) {
    this(dtype, (parameters, backend, arena) -> recipe.build(parameters, backend, arena));
  }

  /** Builds what works on the parameters. */
  interface Builder {
    OptimizerInstance build(List<Parameter> parameters, Backend backend, Arena arena);
  }

  OptimizerRun(DType dtype, Builder builder) {
    table = new Parameter("table", gaussian(dtype, "table", ROWS, DIMS), true, false);
    vector = new Parameter("vector", gaussian(dtype, "vector", DIMS), false, false);
    try {
      optimizer = builder.build(List.of(table, vector), backend, arena);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Rows touched in a step: two of the seven, one of them rare; sometimes none. */
  static int[] touched(long step) {
    if (step % 5 == 3) {
      return new int[0];
    }
    return step % 4 == 0 ? new int[] {1, 5} : new int[] {(int) (step % 3)};
  }

  /** One step with gradients for the touched rows only. */
  void sparseStep(long step) {
    int[] rows = touched(step);
    double[] values = new double[rows.length * DIMS];
    for (int i = 0; i < values.length; i++) {
      values[i] = draw(step, rows[i / DIMS] * DIMS + i % DIMS);
    }
    Tensor tensor = arena.allocate("values", table.storage().dtype(), Shape.of(rows.length, DIMS));
    tensor.copyFrom(values);
    table.gradient(Gradient.sparse(new RowSparse(arena.ints("rows", rows, rows.length), tensor)));
    finish(step);
  }

  /** The same step with zeros for the rows that are not touched. */
  void denseStep(long step) {
    double[] values = new double[ROWS * DIMS];
    for (int row : touched(step)) {
      for (int d = 0; d < DIMS; d++) {
        values[row * DIMS + d] = draw(step, row * DIMS + d);
      }
    }
    Tensor tensor = arena.allocate("values", table.storage().dtype(), Shape.of(ROWS, DIMS));
    tensor.copyFrom(values);
    table.gradient(Gradient.dense(tensor));
    finish(step);
  }

  private void finish(long step) {
    Tensor tensor = arena.allocate("values", vector.storage().dtype(), Shape.of(DIMS));
    double[] values = new double[DIMS];
    for (int d = 0; d < DIMS; d++) {
      values[d] = draw(step, 1000 + d);
    }
    tensor.copyFrom(values);
    vector.gradient(Gradient.dense(tensor));
    optimizer.step(rateFactor * rate(step));
  }

  static double rate(long step) {
    return 0.01 * (1 + step % 3);
  }

  static double draw(long step, long position) {
    return RandomStream.of(5, "gradient", 0, step).gaussianAt(position);
  }

  /** The bytes of parameters and state by name. */
  Map<String, byte[]> bytes() {
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    bytes.put("table", bytesOf(table.value()));
    bytes.put("vector", bytesOf(vector.value()));
    optimizer.state().forEach((name, tensor) -> bytes.put(name, bytesOf(tensor)));
    return bytes;
  }

  /** Loads what {@link #bytes} gave. */
  void load(Map<String, byte[]> bytes, long steps) {
    table.storage().copyFrom(ByteBuffer.wrap(bytes.get("table")));
    vector.storage().copyFrom(ByteBuffer.wrap(bytes.get("vector")));
    optimizer.state().forEach((name, tensor) -> tensor.copyFrom(ByteBuffer.wrap(bytes.get(name))));
    optimizer.resumeAt(steps);
  }

  List<Double> values() {
    List<Double> values = new ArrayList<>();
    for (double value : table.value().toDoubles()) {
      values.add(value);
    }
    for (double value : vector.value().toDoubles()) {
      values.add(value);
    }
    return values;
  }

  private Tensor gaussian(DType dtype, String name, int... dims) {
    Tensor tensor = arena.allocate(name, dtype, Shape.of(dims));
    RandomStream random = RandomStream.of(5, name, 0, 0);
    double[] values = new double[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussianAt(i);
    }
    tensor.copyFrom(values);
    return tensor;
  }

  private static byte[] bytesOf(Tensor tensor) {
    byte[] bytes = new byte[(int) tensor.bytes()];
    tensor.copyTo(ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Override
  public void close() {
    arena.close();
    backend.close();
  }
}
