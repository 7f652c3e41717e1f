package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/** Runs element-wise loops: tiles in, loop over zero-based arrays, tile out. */
final class Tiles {

  /** {@code out[i] = f(in[i])} for i below count. */
  interface FloatUnary {
    void apply(float[] in, float[] out, int count);
  }

  /** {@code out[i] = f(in[i])} for i below count. */
  interface DoubleUnary {
    void apply(double[] in, double[] out, int count);
  }

  /** {@code out[i] = f(a[i], b[i])} for i below count. */
  interface FloatBinary {
    void apply(float[] a, float[] b, float[] out, int count);
  }

  /** {@code out[i] = f(a[i], b[i])} for i below count. */
  interface DoubleBinary {
    void apply(double[] a, double[] b, double[] out, int count);
  }

  /** How the second argument of a binary operation is repeated. */
  private enum Repeat {
    NOT,
    ROW,
    COLUMN,
    SCALAR
  }

  private Tiles() {}

  static void unary(Tensor in, Tensor out, FloatUnary f32, DoubleUnary f64, Workers workers) {
    long from = CpuMemory.addressOf(in);
    long to = CpuMemory.addressOf(out);
    boolean floats = out.dtype() == DType.F32;
    workers.elements(
        out.elements(),
        (first, end) -> unary(from, to, first, end, floats, f32, f64, workers.scratch()));
  }

  private static void unary(
      long from,
      long to,
      long first,
      long end,
      boolean floats,
      FloatUnary f32,
      DoubleUnary f64,
      Scratch scratch) {
    for (long done = first; done < end; done += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, end - done);
      if (floats) {
        OffHeap.get(from + 4 * done, scratch.floats0, count);
        f32.apply(scratch.floats0, scratch.floats1, count);
        OffHeap.put(scratch.floats1, to + 4 * done, count);
      } else {
        OffHeap.get(from + 8 * done, scratch.doubles0, count);
        f64.apply(scratch.doubles0, scratch.doubles1, count);
        OffHeap.put(scratch.doubles1, to + 8 * done, count);
      }
    }
  }

  /** Binary with {@code b} repeated as {@link io.batchwright.kernel.ElementKernels} says. */
  static void binary(
      Tensor a, Tensor b, Tensor out, FloatBinary f32, DoubleBinary f64, Workers workers) {
    Repeat repeat = repeatOf(a.shape(), b.shape());
    int columns = a.shape().columns();
    if (repeat == Repeat.NOT || repeat == Repeat.SCALAR) {
      workers.elements(
          out.elements(),
          (first, end) ->
              binary(a, new Operand(b, repeat, columns, workers), out, f32, f64, first, end));
    } else {
      workers.rows(
          out.shape().rows(),
          columns,
          (first, end) ->
              binary(
                  a,
                  new Operand(b, repeat, columns, workers),
                  out,
                  f32,
                  f64,
                  first * columns,
                  end * columns));
    }
  }

  private static void binary(
      Tensor a,
      Operand operand,
      Tensor out,
      FloatBinary f32,
      DoubleBinary f64,
      long first,
      long end) {
    Scratch scratch = operand.scratch;
    long from = CpuMemory.addressOf(a);
    long to = CpuMemory.addressOf(out);
    int count;
    for (long done = first; done < end; done += count) {
      count = operand.next(done, end - done);
      if (out.dtype() == DType.F32) {
        OffHeap.get(from + 4 * done, scratch.floats0, count);
        f32.apply(scratch.floats0, scratch.floats1, scratch.floats2, count);
        OffHeap.put(scratch.floats2, to + 4 * done, count);
      } else {
        OffHeap.get(from + 8 * done, scratch.doubles0, count);
        f64.apply(scratch.doubles0, scratch.doubles1, scratch.doubles2, count);
        OffHeap.put(scratch.doubles2, to + 8 * done, count);
      }
    }
  }

  static boolean canRepeat(Shape a, Shape b) {
    return repeatOf(a, b) != null;
  }

  /** Whether b is repeated for each row of a. */
  static boolean isRow(Shape a, Shape b) {
    return repeatOf(a, b) == Repeat.ROW;
  }

  private static Repeat repeatOf(Shape a, Shape b) {
    if (a.equals(b)) {
      return Repeat.NOT;
    }
    if (b.elements() == 1) {
      return Repeat.SCALAR;
    }
    if (b.rows() == 1 && b.columns() == a.columns() && b.rank() <= a.rank()) {
      return Repeat.ROW;
    }
    if (b.rank() == a.rank() && b.columns() == 1 && b.rows() == a.rows()) {
      return Repeat.COLUMN;
    }
    return null;
  }

  /** Lays the second argument out beside each tile of the first, in floats1 or doubles1. */
  private static final class Operand {
    private final long address;
    private final Repeat repeat;
    private final int columns;
    private final Scratch scratch;
    private final boolean floats;
    private final int whole;
    private boolean laidOut;

    Operand(Tensor b, Repeat repeat, int columns, Workers workers) {
      this.address = CpuMemory.addressOf(b);
      this.repeat = repeat;
      this.columns = columns;
      this.scratch = workers.scratch();
      this.floats = b.dtype() == DType.F32;
      boolean byRows = repeat == Repeat.ROW || repeat == Repeat.COLUMN;
      this.whole =
          byRows && columns > 0 && columns <= Scratch.TILE
              ? Scratch.TILE / columns * columns
              : Scratch.TILE;
    }

    /**
     * Lays out the elements from {@code done} on; returns for how many of the {@code left} it did.
     */
    int next(long done, long left) {
      boolean wide = columns > Scratch.TILE;
      int count = (int) Math.min(whole, left);
      switch (repeat) {
        case NOT -> load(done, count);
        case SCALAR -> {
          if (!laidOut) {
            spread(0, 0, whole);
          }
        }
        case ROW -> {
          if (wide) {
            int column = (int) (done % columns);
            count = Math.min(count, columns - column);
            load(column, count);
          } else if (!laidOut) {
            repeatRow();
          }
        }
        case COLUMN -> {
          if (wide) {
            count = (int) Math.min(count, columns - done % columns);
            spread(done / columns, 0, count);
          } else {
            for (int at = 0; at < count; at += columns) {
              spread((done + at) / columns, at, at + columns);
            }
          }
        }
      }
      laidOut = true;
      return count;
    }

    private void load(long element, int count) {
      if (floats) {
        OffHeap.get(address + 4 * element, scratch.floats1, count);
      } else {
        OffHeap.get(address + 8 * element, scratch.doubles1, count);
      }
    }

    private void spread(long element, int from, int to) {
      if (floats) {
        Arrays.fill(scratch.floats1, from, to, OffHeap.floatAt(address + 4 * element));
      } else {
        Arrays.fill(scratch.doubles1, from, to, OffHeap.doubleAt(address + 8 * element));
      }
    }

    private void repeatRow() {
      load(0, columns);
      for (int at = columns; at < whole; at += columns) {
        if (floats) {
          System.arraycopy(scratch.floats1, 0, scratch.floats1, at, columns);
        } else {
          System.arraycopy(scratch.doubles1, 0, scratch.doubles1, at, columns);
        }
      }
    }
  }
}
