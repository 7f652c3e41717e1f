package io.batchwright.kernel.cpu;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * {@link StreamLoops} by {@code jdk.incubator.vector}, straight from memory to memory. What is left
 * of a row after whole vectors goes through small buffers.
 */
final class VectorStreamLoops implements StreamLoops {
  /** Floats of one run of a loop: what an int counts in bytes, with room. */
  private static final int LONGEST = 1 << 28;

  private static final int MOST = VectorStreams.ROWS + 1;
  private static final int WHOLE = -VectorStreams.LANES;

  private static final Loop ADD = VectorStreams::add;
  private static final Loop MULTIPLY = VectorStreams::multiply;
  private static final Loop SCALE = VectorStreams::scale;
  private static final Loop SHIFT = VectorStreams::shift;
  private static final Loop AXPY = VectorStreams::axpy;
  private static final Loop TANH = VectorStreams::tanh;
  private static final Loop GELU = VectorStreams::gelu;
  private static final Loop GELU_BACKWARD = VectorStreams::geluBackward;
  private static final Loop DECAY = VectorStreams::decay;
  private static final RowLoop ADD_ROW = VectorStreams::addRow;
  private static final RowLoop ADD_ROW_AND = VectorStreams::addRowAnd;

  private final Window[] windows = windows();
  private final Window[] rests = windows();
  private final LaneSums sums = new LaneSums();
  private final long[] addresses = new long[MOST];
  private final ByteBuffer restMemory =
      ByteBuffer.allocateDirect(MOST * VectorStreams.LANES * Float.BYTES);
  private AdamWLoops.Step step;
  private final float[] factors = new float[VectorStreams.ROWS];
  // By the logarithm of how many rows; one alone is scaled, or added.
  private final Loop[] setRows = {
    SCALE,
    (over, end, x, y) -> VectorStreams.setTwoRows(over, end, factors),
    (over, end, x, y) -> VectorStreams.setFourRows(over, end, factors),
    (over, end, x, y) -> VectorStreams.setEightRows(over, end, factors)
  };
  private final Loop[] addRows = {
    VectorStreams::addRowTimes,
    (over, end, x, y) -> VectorStreams.addTwoRows(over, end, factors),
    (over, end, x, y) -> VectorStreams.addFourRows(over, end, factors),
    (over, end, x, y) -> VectorStreams.addEightRows(over, end, factors)
  };
  private final Loop adamW = (over, end, x, y) -> VectorStreams.adamW(over, end, step);

  VectorStreamLoops() {
    long rest = OffHeap.addressOf(restMemory);
    for (int i = 0; i < MOST; i++) {
      rests[i].at(rest + (long) i * VectorStreams.LANES * Float.BYTES);
    }
  }

  /** A loop over whole vectors, so many bytes of each window. */
  private interface Loop {
    void run(Window[] windows, int end, float x, float y) throws Throwable;
  }

  /** A loop over so many rows of so many bytes. */
  private interface RowLoop {
    void run(Window[] windows, int rows, int width) throws Throwable;
  }

  private static Window[] windows() {
    Window[] windows = new Window[MOST];
    Arrays.setAll(windows, i -> new Window());
    return windows;
  }

  /** Runs over the memory at the first {@code used} addresses; those from {@code out} on change. */
  private void run(Loop loop, int used, int out, long count, float x, float y) {
    long done = 0;
    while (count - done >= VectorStreams.LANES) {
      int some = (int) Math.min(LONGEST, count - done) & WHOLE;
      for (int i = 0; i < used; i++) {
        windows[i].at(addresses[i] + 4 * done);
      }
      run(loop, windows, some, x, y);
      done += some;
    }
    if (done < count) {
      runRest(loop, used, out, done, 4 * (count - done), x, y);
    }
  }

  private void runRest(Loop loop, int used, int out, long done, long bytes, float x, float y) {
    for (int i = 0; i < used; i++) {
      OffHeap.copy(addresses[i] + 4 * done, rests[i].address, bytes);
    }
    run(loop, rests, VectorStreams.LANES, x, y);
    for (int i = out; i < used; i++) {
      OffHeap.copy(rests[i].address, addresses[i] + 4 * done, bytes);
    }
  }

  private static void run(Loop loop, Window[] windows, int count, float x, float y) {
    try {
      loop.run(windows, Float.BYTES * count, x, y);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static RuntimeException failed(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a loop over memory outside of the heap failed", e);
  }

  private void unary(Loop loop, long in, float x, long out, long count) {
    addresses[0] = in;
    addresses[1] = out;
    run(loop, 2, 1, count, x, 0);
  }

  private void binary(Loop loop, long a, long b, float x, long out, long count) {
    addresses[0] = a;
    addresses[1] = b;
    addresses[2] = out;
    run(loop, 3, 2, count, x, 0);
  }

  @Override
  public double squares(long a, long count) {
    double total = 0;
    for (long from = 0; from < count; from += RowLoops.BLOCK) {
      int some = (int) Math.min(RowLoops.BLOCK, count - from);
      total += squares(windows[0].at(a + 4 * from), some);
    }
    return total;
  }

  private float squares(Window a, int count) {
    try {
      return VectorStreams.squares(a, Float.BYTES * count, sums);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void maxima(long in, long rows, int width, long out) {
    long some = Math.max(1, LONGEST / Math.max(1, width));
    for (long done = 0; done < rows; done += some) {
      maxima(
          windows[0].at(in + 4 * done * width),
          windows[1].at(out + 4 * done),
          (int) Math.min(some, rows - done),
          width);
    }
  }

  private static void maxima(Window in, Window out, int rows, int width) {
    try {
      VectorStreams.maxima(in, out, rows, Float.BYTES * width);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void columnMaxima(long in, long blocks, int rows, int width, long out) {
    int block = Math.multiplyExact(rows, width);
    long some = Math.max(1, LONGEST / Math.max(1, block));
    for (long done = 0; done < blocks; done += some) {
      columnMaxima(
          windows[0].at(in + 4 * done * block),
          windows[1].at(out + 4 * done * width),
          (int) Math.min(some, blocks - done),
          rows,
          width);
    }
  }

  private static void columnMaxima(Window in, Window out, int blocks, int rows, int width) {
    try {
      VectorStreams.columnMaxima(in, out, blocks, rows, Float.BYTES * width);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void add(long a, long b, long out, long count) {
    binary(ADD, a, b, 0, out, count);
  }

  @Override
  public void addRow(long a, long row, long out, int rows, int width) {
    if ((width & WHOLE) == width) {
      eachRow(ADD_ROW, a, row, 0, out, rows, width);
      return;
    }
    for (int r = 0; r < rows; r++) {
      long at = 4L * r * width;
      binary(ADD, a + at, row, 0, out + at, width);
    }
  }

  @Override
  public void addRowAnd(long a, long row, long b, long out, int rows, int width) {
    if ((width & WHOLE) == width) {
      eachRow(ADD_ROW_AND, a, row, b, out, rows, width);
      return;
    }
    for (int r = 0; r < rows; r++) {
      long at = 4L * r * width;
      binary(ADD, a + at, row, 0, out + at, width);
      binary(ADD, out + at, b + at, 0, out + at, width);
    }
  }

  /** Runs over rows of whole vectors, the same {@code row} with each. */
  private void eachRow(RowLoop loop, long a, long row, long b, long out, int rows, int width) {
    int most = Math.max(1, LONGEST / Math.max(1, width));
    for (int done = 0; done < rows; done += most) {
      long at = 4L * done * width;
      windows[0].at(a + at);
      windows[1].at(row);
      windows[2].at(out + at);
      windows[3].at(b + at);
      run(loop, windows, Math.min(most, rows - done), Float.BYTES * width);
    }
  }

  private static void run(RowLoop loop, Window[] windows, int rows, int width) {
    try {
      loop.run(windows, rows, width);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void addRows(long first, long stride, int rows, float[] sums, int width) {
    int whole = width & WHOLE;
    int most = (int) Math.max(1, (LONGEST - width) / Math.max(1, stride));
    for (int done = 0; done < rows; done += most) {
      int some = Math.min(most, rows - done);
      int bytes = some == 1 ? 0 : (int) (Float.BYTES * stride);
      addRows(windows[0].at(first + 4 * done * stride), some, bytes, sums, whole);
    }
    for (int r = 0; r < rows; r++) {
      for (int i = whole; i < width; i++) {
        sums[i] += OffHeap.floatAt(first + 4 * (r * stride + i));
      }
    }
  }

  private static void addRows(Window in, int rows, int stride, float[] sums, int whole) {
    try {
      VectorStreams.addRowsToSums(in, rows, stride, sums, whole);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void sumRows(
      long base, int[] rows, double[] factors, int from, int to, long out, int width) {
    if (from == to) {
      OffHeap.zero(out, 4L * width);
      return;
    }
    int i = from;
    while (i < to) {
      int some = Math.min(VectorStreams.ROWS, Integer.highestOneBit(to - i));
      for (int r = 0; r < some; r++) {
        addresses[r] = base + 4L * rows[i + r] * width;
        this.factors[r] = factors == null ? 1f : (float) factors[i + r];
      }
      addresses[some] = out;
      Loop loop = (i == from ? setRows : addRows)[Integer.numberOfTrailingZeros(some)];
      run(loop, some + 1, some, width, this.factors[0], 0);
      i += some;
    }
  }

  @Override
  public void multiply(long a, long b, long out, long count) {
    binary(MULTIPLY, a, b, 0, out, count);
  }

  @Override
  public void scale(long in, float factor, long out, long count) {
    unary(SCALE, in, factor, out, count);
  }

  @Override
  public void shift(long in, float addend, long out, long count) {
    unary(SHIFT, in, addend, out, count);
  }

  @Override
  public void axpy(float factor, long a, long b, long out, long count) {
    binary(AXPY, a, b, factor, out, count);
  }

  @Override
  public void tanh(long in, long out, long count) {
    unary(TANH, in, 0, out, count);
  }

  @Override
  public void gelu(long in, long out, long count) {
    unary(GELU, in, 0, out, count);
  }

  @Override
  public void geluBackward(long in, long dOut, long dIn, long count) {
    binary(GELU_BACKWARD, in, dOut, 0, dIn, count);
  }

  @Override
  public void adamW(long p, long g, long m, long v, long count, AdamWLoops.Step step) {
    this.step = step;
    addresses[0] = g;
    addresses[1] = p;
    addresses[2] = m;
    addresses[3] = v;
    run(adamW, 4, 1, count, 0, 0);
  }

  @Override
  public void decay(long p, long v, long count, AdamWLoops.Step step) {
    addresses[0] = p;
    addresses[1] = v;
    run(DECAY, 2, 0, count, (float) step.beta2(), (float) step.keep());
  }
}
