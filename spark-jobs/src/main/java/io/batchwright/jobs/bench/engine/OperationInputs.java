package io.batchwright.jobs.bench.engine;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.stream.IntStream;

/** Draws what {@link Operation}s work on; the shapes that several of them share stand here. */
final class OperationInputs {
  /** Rows of most operations, as many as 64 texts of 64 tokens. */
  static final int ROWS = 4096;

  /** Columns of most operations: MiniLM's width. */
  static final int DIMS = 384;

  /** MiniLM's inner width. */
  static final int INNER = 4 * DIMS;

  /** Rows of a token table. */
  static final int VOCABULARY = 30_522;

  /** Texts of a batch. */
  static final int TEXTS = 64;

  /** Tokens of each. */
  static final int LENGTH = 64;

  private final Backend backend;
  private final Arena arena;
  private final Arena scratch;
  private int drawn;

  OperationInputs(Backend backend, Arena arena) {
    this.backend = backend;
    this.arena = arena;
    this.scratch = arena.child("scratch");
  }

  Backend backend() {
    return backend;
  }

  /** Empty memory for an operation that allocates its results. */
  Arena freshScratch() {
    scratch.reset();
    return scratch;
  }

  /** Standard normal values. */
  Tensor gaussian(int... dims) {
    return gaussian(0, 1, dims);
  }

  /** Normal values around 3, which have roots and logarithms. */
  Tensor positive(int... dims) {
    return gaussian(3, 0.3, dims);
  }

  private Tensor gaussian(double mean, double deviation, int... dims) {
    Tensor tensor = arena.allocate("input " + drawn, DType.F32, Shape.of(dims));
    backend.fillGaussian(tensor, RandomStream.of(drawn++, "input", 0, 0), 0, mean, deviation);
    return tensor;
  }

  Tensor zeros(int... dims) {
    return arena.zeros("zeros", DType.F32, dims);
  }

  Moments moments(int... dims) {
    return new Moments(zeros(dims), zeros(dims));
  }

  /** A tensor of another type, of whatever values. */
  Tensor bf16(int... dims) {
    return arena.zeros("bf16", DType.BF16, dims);
  }

  Tensor ints(int... values) {
    return arena.ints("ints", values);
  }

  /** 0 and 1, evenly drawn. */
  Tensor coins(int rows, int columns) {
    return arena.ints("coins", below(2, rows * columns), rows, columns);
  }

  /** So many numbers in [0, bound). */
  int[] below(int bound, int count) {
    RandomStream stream = RandomStream.of(drawn++, "numbers", 0, 0);
    return IntStream.range(0, count).map(i -> (int) stream.belowAt(i, bound)).toArray();
  }

  /** Where texts of equal length begin: [count + 1]. */
  Tensor offsets(int count, int length) {
    return ints(IntStream.rangeClosed(0, count).map(i -> length * i).toArray());
  }

  Tensor rowNumbers(int count) {
    return ints(IntStream.range(0, count).toArray());
  }
}
