package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.floating;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;

import io.batchwright.kernel.ReductionKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@link ReductionKernels}: sums of float rows and columns and of squares are those of {@link
 * RowLoops} and {@link ColumnSums}; a sum over everything keeps one double per lane of a tile, then
 * adds the lanes in order.
 */
final class CpuReductions implements ReductionKernels {
  private static final int EXPONENT = 0x7F800000;

  /** Elements of a block of rows that one loop goes over, at most. */
  private static final int MOST_AT_ONCE = 1 << 28;

  private final Workers workers;
  private final RowSoftmax softmax;
  private final RowUnits units;

  CpuReductions(Workers workers) {
    this.workers = workers;
    this.softmax = new RowSoftmax(workers);
    this.units = new RowUnits(workers);
  }

  @Override
  public void sum(Tensor in, int dim, Tensor out) {
    reduce("sum", in, dim, out, 1, false);
  }

  @Override
  public void mean(Tensor in, int dim, Tensor out) {
    int extent = in.shape().dim(dim);
    require(extent > 0, "mean", "the reduced dim of %s is empty", in);
    reduce("mean", in, dim, out, 1.0 / extent, false);
  }

  @Override
  public void max(Tensor in, int dim, Tensor out) {
    reduce("max", in, dim, out, 1, true);
  }

  @Override
  public void sumAll(Tensor in, Tensor out) {
    sameFloating("sumAll", in, out);
    elements("sumAll", "out", out, 1);
    double sum = sumOf(in, CpuMemory.addressOf(in), in.elements(), false);
    writeOne(out, 0, sum);
  }

  @Override
  public void softmax(Tensor scores, Tensor mask, Tensor out) {
    softmax.softmax(scores, mask, out);
  }

  @Override
  public void softmaxBackward(Tensor out, Tensor dOut, Tensor dScores) {
    softmax.backward(out, dOut, dScores);
  }

  @Override
  public void logSumExp(Tensor scores, Tensor mask, Tensor out) {
    softmax.logSumExp(scores, mask, out);
  }

  @Override
  public void l2Normalize(Tensor in, Tensor norms, Tensor out) {
    units.normalize(in, norms, out);
  }

  @Override
  public void l2NormalizeBackward(Tensor out, Tensor norms, Tensor dOut, Tensor dIn) {
    units.backward(out, norms, dOut, dIn);
  }

  @Override
  public void poolNormalize(Tensor in, Tensor cuSeqlens, Tensor norms, Tensor out) {
    units.pool(in, cuSeqlens, norms, out);
  }

  @Override
  public void poolNormalizeBackward(
      Tensor out, Tensor norms, Tensor cuSeqlens, Tensor dOut, Tensor dIn) {
    units.poolBackward(out, norms, cuSeqlens, dOut, dIn);
  }

  @Override
  public double sumOfSquares(Tensor in) {
    floating("sumOfSquares", "in", in);
    return sumOf(in, CpuMemory.addressOf(in), in.elements(), true);
  }

  @Override
  public boolean allFinite(Tensor in) {
    floating("allFinite", "in", in);
    if (in.dtype() == DType.F64) {
      return Double.isFinite(sumOf(in, CpuMemory.addressOf(in), in.elements(), true))
          || allFiniteDoubles(in);
    }
    long address = CpuMemory.addressOf(in);
    AtomicBoolean finite = new AtomicBoolean(true);
    workers.elements(
        in.elements(),
        (from, to) -> {
          if (finite.get() && !allFiniteFloats(address + 4 * from, to - from)) {
            finite.set(false);
          }
        });
    return finite.get();
  }

  private boolean allFiniteFloats(long address, long total) {
    int[] bits = workers.scratch().ints0;
    for (long done = 0; done < total; done += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, total - done);
      OffHeap.get(address + 4 * done, bits, count);
      int full = 0;
      for (int i = 0; i < count; i++) {
        full |=
            (bits[i] & EXPONENT) + (1 << 23); // carries into the sign if all exponent bits are set
      }
      if (full < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean allFiniteDoubles(Tensor in) {
    long address = CpuMemory.addressOf(in);
    for (long i = 0; i < in.elements(); i++) {
      if (!Double.isFinite(OffHeap.doubleAt(address + 8 * i))) {
        return false;
      }
    }
    return true;
  }

  private void reduce(
      String operation, Tensor in, int dim, Tensor out, double factor, boolean max) {
    sameFloating(operation, in, out);
    Shape shape = in.shape();
    int position = shape.position(dim);
    int extent = shape.dim(position);
    long outer = product(shape, 0, position);
    long inner = product(shape, position + 1, shape.rank());
    elements(operation, "out", out, outer * inner);
    long from = CpuMemory.addressOf(in);
    if (max && inner == 1 && in.dtype() == DType.F32) {
      long to = CpuMemory.addressOf(out);
      workers.rows(
          outer,
          extent,
          (first, end) ->
              workers
                  .scratch()
                  .streams
                  .maxima(from + 4 * first * extent, end - first, extent, to + 4 * first));
      return;
    }
    long block = extent * inner;
    if (max && in.dtype() == DType.F32 && extent > 0 && block <= MOST_AT_ONCE) {
      int width = (int) inner;
      long to = CpuMemory.addressOf(out);
      workers.rows(
          outer,
          block,
          (first, end) ->
              workers
                  .scratch()
                  .streams
                  .columnMaxima(
                      from + 4 * first * block,
                      end - first,
                      extent,
                      width,
                      to + 4 * first * width));
      return;
    }
    int bytes = in.dtype().bytes();
    if (inner == 1) {
      workers.rows(
          outer,
          extent,
          (first, end) -> {
            for (long o = first; o < end; o++) {
              long row = from + o * extent * bytes;
              double value = max ? maxOf(in, row, extent) : rowSum(in, row, extent);
              writeOne(out, o, value * factor);
            }
          });
      return;
    }
    Lanes lanes = new Lanes(in.dtype(), extent, inner, factor, max);
    long to = CpuMemory.addressOf(out);
    for (long o = 0; o < outer; o++) {
      long first = o * block * bytes;
      long firstOut = o * inner * bytes;
      workers.columns(
          inner,
          extent,
          (column, end) ->
              reduceLanes(lanes, from + first, column, end, to + firstOut, workers.scratch()));
    }
  }

  private static long product(Shape shape, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= shape.dim(i);
    }
    return product;
  }

  /** What is done down columns, {@code inner} to a row. */
  private record Lanes(DType dtype, int extent, long inner, double factor, boolean max) {}

  /** Down the columns from {@code first} to before {@code end}, a tile of columns at a time. */
  private static void reduceLanes(
      Lanes of, long block, long first, long end, long out, Scratch scratch) {
    DType dtype = of.dtype;
    int extent = of.extent;
    long inner = of.inner;
    double factor = of.factor;
    boolean max = of.max;
    double[] lanes = scratch.doubles0;
    double[] tile = scratch.doubles1;
    int bytes = dtype.bytes();
    for (long column = first; column < end; column += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, end - column);
      Arrays.fill(lanes, 0, count, max ? Double.NEGATIVE_INFINITY : 0);
      if (dtype == DType.F32 && !max) {
        sumFloats(block + 4 * column, inner, extent, count, lanes, scratch);
      } else {
        for (int r = 0; r < extent; r++) {
          Elements.get(dtype, block + (r * inner + column) * bytes, tile, count, scratch);
          if (max) {
            for (int i = 0; i < count; i++) {
              lanes[i] = Math.max(lanes[i], tile[i]);
            }
          } else {
            DoubleLoops.add(lanes, tile, lanes, count);
          }
        }
      }
      DoubleLoops.scale(lanes, factor, lanes, count);
      Elements.put(dtype, lanes, out + column * bytes, count, scratch);
    }
  }

  private static void sumFloats(
      long first, long stride, int rows, int count, double[] sums, Scratch scratch) {
    ColumnSums columns = new ColumnSums(scratch, Slots.ROW_SUM, count);
    columns.add(first, stride, rows);
    System.arraycopy(columns.sums(), 0, sums, 0, count);
  }

  private double rowSum(Tensor in, long address, int count) {
    if (in.dtype() != DType.F32) {
      return sumOf(in, address, count, false);
    }
    Scratch scratch = workers.scratch();
    float[] row = scratch.floatRow(Slots.ROW, count);
    OffHeap.get(address, row, count);
    return scratch.rows.sum(row, count);
  }

  private double sumOf(Tensor in, long address, long total, boolean squares) {
    Scratch scratch = workers.scratch();
    if (in.dtype() == DType.F32 && squares) {
      double sum = squares(address, total);
      if (Double.isFinite(sum)) {
        return sum;
      }
    }
    double[] lanes = scratch.doubles0;
    double[] tile = scratch.doubles1;
    int used = (int) Math.min(Scratch.TILE, total);
    Arrays.fill(lanes, 0, used, 0);
    int bytes = in.dtype().bytes();
    for (long done = 0; done < total; done += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, total - done);
      Elements.get(in.dtype(), address + done * bytes, tile, count, scratch);
      if (squares) {
        for (int i = 0; i < count; i++) {
          lanes[i] += tile[i] * tile[i];
        }
      } else {
        DoubleLoops.add(lanes, tile, lanes, count);
      }
    }
    double sum = 0;
    for (int i = 0; i < used; i++) {
      sum += lanes[i];
    }
    return sum;
  }

  /** {@link StreamLoops#squares}: sums of blocks, and the sum of those in their order. */
  private double squares(long address, long total) {
    Scratch scratch = workers.scratch();
    if (workers.threads() == 1 || total <= workers.least()) {
      return scratch.streams.squares(address, total);
    }
    int blocks = Math.toIntExact((total - 1) / RowLoops.BLOCK + 1);
    double[] sums = scratch.doubleRow(Slots.BLOCK_SUMS, blocks);
    workers.rows(
        blocks,
        RowLoops.BLOCK,
        (first, end) -> {
          StreamLoops loops = workers.scratch().streams;
          for (int b = (int) first; b < end; b++) {
            long from = (long) b * RowLoops.BLOCK;
            sums[b] = loops.squares(address + 4 * from, Math.min(RowLoops.BLOCK, total - from));
          }
        });
    double sum = 0;
    for (int b = 0; b < blocks; b++) {
      sum += sums[b];
    }
    return sum;
  }

  private double maxOf(Tensor in, long address, long total) {
    Scratch scratch = workers.scratch();
    double max = Double.NEGATIVE_INFINITY;
    for (long done = 0; done < total; done += Scratch.TILE) {
      int count = (int) Math.min(Scratch.TILE, total - done);
      Elements.get(
          in.dtype(), address + done * in.dtype().bytes(), scratch.doubles1, count, scratch);
      for (int i = 0; i < count; i++) {
        max = Math.max(max, scratch.doubles1[i]);
      }
    }
    return max;
  }

  private static void writeOne(Tensor out, long element, double value) {
    if (out.dtype() == DType.F32) {
      OffHeap.putFloat(CpuMemory.addressOf(out) + 4 * element, (float) value);
    } else {
      OffHeap.putDouble(CpuMemory.addressOf(out) + 8 * element, value);
    }
  }
}
