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

  /**
   * Adds the sum of the four rows at these addresses. Their copies come one after the other, so
   * that rows of a table larger than the caches are on their way together.
   */
  void add(long address0, long address1, long address2, long address3);

  /** Multiplies what is there. */
  void scale(double factor);

  /** Writes what is there. */
  void store(long address);

  /** Single precision. */
  final class Floats implements RowAccumulator {
    private final int width;
    private final float[] sum;
    private final float[] row;
    private final float[] row1;
    private final float[] row2;
    private final float[] row3;

    Floats(int width, Scratch scratch) {
      this.width = width;
      this.sum = scratch.floatRow(Slots.ROW_SUM, width);
      this.row = scratch.floatRow(Slots.ROW, width);
      this.row1 = scratch.floatRow(Slots.ROW_1, width);
      this.row2 = scratch.floatRow(Slots.ROW_2, width);
      this.row3 = scratch.floatRow(Slots.ROW_3, width);
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
    public void add(long address0, long address1, long address2, long address3) {
      OffHeap.get(address0, row, width);
      OffHeap.get(address1, row1, width);
      OffHeap.get(address2, row2, width);
      OffHeap.get(address3, row3, width);
      FloatLoops.addFour(row, row1, row2, row3, sum, width);
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
    private final double[] row1;
    private final double[] row2;
    private final double[] row3;

    Doubles(int width, Scratch scratch) {
      this.width = width;
      this.sum = scratch.doubleRow(Slots.ROW_SUM, width);
      this.row = scratch.doubleRow(Slots.ROW, width);
      this.row1 = scratch.doubleRow(Slots.ROW_1, width);
      this.row2 = scratch.doubleRow(Slots.ROW_2, width);
      this.row3 = scratch.doubleRow(Slots.ROW_3, width);
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
    public void add(long address0, long address1, long address2, long address3) {
      OffHeap.get(address0, row, width);
      OffHeap.get(address1, row1, width);
      OffHeap.get(address2, row2, width);
      OffHeap.get(address3, row3, width);
      DoubleLoops.addFour(row, row1, row2, row3, sum, width);
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
