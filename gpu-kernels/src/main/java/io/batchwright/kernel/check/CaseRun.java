package io.batchwright.kernel.check;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** One case on one backend: the same draws on each, outputs that start as NaN. */
public final class CaseRun {
  static final double F64_TOLERANCE = 1e-10;

  private final Backend backend;
  private final Arena arena;
  private final long seed;
  private final List<Result> results = new ArrayList<>();

  CaseRun(Backend backend, Arena arena, long seed) {
    this.backend = backend;
    this.arena = arena;
    this.seed = seed;
  }

  public Backend backend() {
    return backend;
  }

  public Arena arena() {
    return arena;
  }

  /** Standard normal numbers that a float represents exactly. */
  public Tensor normal(String label, DType dtype, int... dims) {
    Tensor tensor = arena.allocate(label, dtype, dims);
    RandomStream stream = stream(label);
    float[] values = new float[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) stream.gaussianAt(i);
    }
    tensor.copyFrom(values);
    return tensor;
  }

  /** Whole numbers in [0, bound). */
  public Tensor below(String label, int count, int bound) {
    RandomStream stream = stream(label);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = (int) stream.belowAt(i, bound);
    }
    return arena.ints(label, values);
  }

  /** A stream of this check's own. */
  public RandomStream stream(String purpose) {
    return RandomStream.of(seed, purpose, 0, 0);
  }

  /** Where an operation writes: full of NaN, and compared afterwards. */
  public Tensor output(String label, DType dtype, int... dims) {
    Tensor tensor = arena.allocate(label, dtype, dims);
    backend.fill(tensor, Double.NaN);
    return result(label, tensor);
  }

  /** Has a tensor compared as it is at the end. */
  public Tensor result(String label, Tensor tensor) {
    results.add(new Result(label, tensor, null));
    return tensor;
  }

  /** Has a number compared, as one of F32. */
  public void number(String label, double value) {
    results.add(new Result(label, null, new double[] {value}));
  }

  List<Result> results() {
    return results;
  }

  /** What was computed: a tensor, or numbers. */
  record Result(String label, Tensor tensor, double[] numbers) {
    double[] values() {
      return tensor == null ? numbers : tensor.toDoubles();
    }

    boolean isDouble() {
      return tensor != null && tensor.dtype() == DType.F64;
    }
  }
}
