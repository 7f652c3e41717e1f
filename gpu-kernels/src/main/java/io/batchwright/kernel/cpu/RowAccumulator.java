package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import java.util.Arrays;

/** Adds rows to a row of memory: floats where it lies, doubles in a scratch array. */
interface RowAccumulator {

  /** An accumulator of rows of that many elements; one at a time per scratch. */
  static RowAccumulator of(DType dtype, int width, Scratch scratch) {
    return dtype == DType.F32 ? new Floats(width, scratch.streams) : new Doubles(width, scratch);
  }

  /** The sum is to stand at this address; starts from zeros. */
  void start(long address);

  /** The sum is to stand at this address; starts from what is there. */
  void resume(long address);

  /** Adds the row at this address. */
  void add(long address);

  /** Adds {@code factor} times the row at this address. */
  void add(double factor, long address);

  /**
   * {@code out = sum of factors[i] * row rows[i]}, one after the other.
   *
   * @param base where row 0 lies
   * @param factors null for ones
   */
  void sum(long base, int[] rows, double[] factors, int from, int to, long out);

  /** Multiplies what is there. */
  void scale(double factor);

  /** Ends the sum: only now it surely stands where it is to. */
  void end();

  /** Single precision. */
  final class Floats implements RowAccumulator {
    private final int width;
    private final StreamLoops loops;
    private long sum;

    Floats(int width, StreamLoops loops) {
      this.width = width;
      this.loops = loops;
    }

    @Override
    public void start(long address) {
      sum = address;
      OffHeap.zero(sum, 4L * width);
    }

    @Override
    public void resume(long address) {
      sum = address;
    }

    @Override
    public void add(long address) {
      loops.add(sum, address, sum, width);
    }

    @Override
    public void add(double factor, long address) {
      loops.axpy((float) factor, address, sum, sum, width);
    }

    @Override
    public void sum(long base, int[] rows, double[] factors, int from, int to, long out) {
      loops.sumRows(base, rows, factors, from, to, out, width);
    }

    @Override
    public void scale(double factor) {
      loops.scale(sum, (float) factor, sum, width);
    }

    @Override
    public void end() {}
  }

  /** Double precision. */
  final class Doubles implements RowAccumulator {
    private final int width;
    private final double[] sum;
    private final double[] row;
    private long address;

    Doubles(int width, Scratch scratch) {
      this.width = width;
      this.sum = scratch.doubleRow(Slots.ROW_SUM, width);
      this.row = scratch.doubleRow(Slots.ROW, width);
    }

    @Override
    public void start(long address) {
      this.address = address;
      Arrays.fill(sum, 0, width, 0);
    }

    @Override
    public void resume(long address) {
      this.address = address;
      OffHeap.get(address, sum, width);
    }

    @Override
    public void add(long address) {
      OffHeap.get(address, row, width);
      DoubleLoops.add(sum, row, sum, width);
    }

    @Override
    public void add(double factor, long address) {
      OffHeap.get(address, row, width);
      DoubleLoops.axpy(factor, row, sum, sum, width);
    }

    @Override
    public void sum(long base, int[] rows, double[] factors, int from, int to, long out) {
      start(out);
      for (int i = from; i < to; i++) {
        add(factors == null ? 1 : factors[i], base + 8L * rows[i] * width);
      }
      end();
    }

    @Override
    public void scale(double factor) {
      DoubleLoops.scale(sum, factor, sum, width);
    }

    @Override
    public void end() {
      OffHeap.put(sum, address, width);
    }
  }
}
