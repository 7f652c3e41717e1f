package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import java.util.Arrays;

/** Adds rows at memory speed: a row is copied to a scratch array and added there. */
interface RowAccumulator {

  /** An accumulator of rows of that many elements; one at a time per scratch. */
  static RowAccumulator of(DType dtype, int width, Scratch scratch) {
    return dtype == DType.F32 ? new Floats(width, scratch) : new Doubles(width, scratch);
  }

  /** Starts from zeros. */
  void clear();

  /** Starts from the row at this address. */
  void load(long address);

  /** Adds the row at this address. */
  void add(long address);

  /** Adds {@code factor} times the row at this address. */
  void add(double factor, long address);

  /** Multiplies what is there. */
  void scale(double factor);

  /** Writes what is there. */
  void store(long address);

  /** Single precision. */
  final class Floats implements RowAccumulator {
    private final int width;
    private final float[] sum;
    private final float[] row;

    Floats(int width, Scratch scratch) {
      this.width = width;
      this.sum = scratch.floatRow(Slots.ROW_SUM, width);
      this.row = scratch.floatRow(Slots.ROW, width);
    }

    @Override
    public void clear() {
      Arrays.fill(sum, 0, width, 0f);
    }

    @Override
    public void load(long address) {
      OffHeap.get(address, sum, width);
    }

    @Override
    public void add(long address) {
      OffHeap.get(address, row, width);
      FloatLoops.add(sum, row, sum, width);
    }

    @Override
    public void add(double factor, long address) {
      OffHeap.get(address, row, width);
      FloatLoops.axpy((float) factor, row, sum, sum, width);
    }

    @Override
    public void scale(double factor) {
      FloatLoops.scale(sum, (float) factor, sum, width);
    }

    @Override
    public void store(long address) {
      OffHeap.put(sum, address, width);
    }
  }

  /** Double precision. */
  final class Doubles implements RowAccumulator {
    private final int width;
    private final double[] sum;
    private final double[] row;

    Doubles(int width, Scratch scratch) {
      this.width = width;
      this.sum = scratch.doubleRow(Slots.ROW_SUM, width);
      this.row = scratch.doubleRow(Slots.ROW, width);
    }

    @Override
    public void clear() {
      Arrays.fill(sum, 0, width, 0);
    }

    @Override
    public void load(long address) {
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
    public void scale(double factor) {
      DoubleLoops.scale(sum, factor, sum, width);
    }

    @Override
    public void store(long address) {
      OffHeap.put(sum, address, width);
    }
  }
}
