package io.batchwright.kernel.cpu;

/**
 * {@link StreamLoops} in plain Java: tiles are copied to arrays and back, since C2 of JDK 17 finds
 * vector instructions for loops over zero-based arrays only.
 */
final class ArrayStreamLoops implements StreamLoops {
  private static final int MOST = 4;

  private final float[][] tiles = new float[MOST][Scratch.TILE];
  private final long[] addresses = new long[MOST];
  private final RowLoops rows;

  /** Loops of which sums are those of {@code rows}. */
  ArrayStreamLoops(RowLoops rows) {
    this.rows = rows;
  }

  /** What is done to the tiles at the addresses. */
  private interface Loop {
    void run(int count);
  }

  /** Runs over the tiles of the first {@code used} addresses; those from {@code out} on go back. */
  private void run(int used, int out, long count, Loop loop) {
    for (long done = 0; done < count; done += Scratch.TILE) {
      int some = (int) Math.min(Scratch.TILE, count - done);
      for (int i = 0; i < used; i++) {
        OffHeap.get(addresses[i] + 4 * done, tiles[i], some);
      }
      loop.run(some);
      for (int i = out; i < used; i++) {
        OffHeap.put(tiles[i], addresses[i] + 4 * done, some);
      }
    }
  }

  private void unary(long in, long out, long count, Loop loop) {
    addresses[0] = in;
    addresses[1] = out;
    run(2, 1, count, loop);
  }

  private void binary(long a, long b, long out, long count, Loop loop) {
    addresses[0] = a;
    addresses[1] = b;
    addresses[2] = out;
    run(3, 2, count, loop);
  }

  @Override
  public double squares(long a, long count) {
    double total = 0;
    for (long from = 0; from < count; from += RowLoops.BLOCK) {
      int some = (int) Math.min(RowLoops.BLOCK, count - from);
      OffHeap.get(a + 4 * from, tiles[0], some);
      total += rows.dot(tiles[0], tiles[0], some);
    }
    return total;
  }

  @Override
  public void maxima(long in, long rowCount, int width, long out) {
    for (long r = 0; r < rowCount; r++) {
      float max = Float.NEGATIVE_INFINITY;
      for (int done = 0; done < width; done += Scratch.TILE) {
        int some = Math.min(Scratch.TILE, width - done);
        OffHeap.get(in + 4 * (r * width + done), tiles[0], some);
        max = Math.max(max, rows.max(tiles[0], some));
      }
      OffHeap.putFloat(out + 4 * r, max);
    }
  }

  @Override
  public void columnMaxima(long in, long blocks, int rowCount, int width, long out) {
    for (long b = 0; b < blocks; b++) {
      for (int done = 0; done < width; done += Scratch.TILE) {
        int some = Math.min(Scratch.TILE, width - done);
        long from = in + 4 * (b * rowCount * width + done);
        OffHeap.get(from, tiles[1], some);
        for (int r = 1; r < rowCount; r++) {
          OffHeap.get(from + 4L * r * width, tiles[0], some);
          FloatLoops.max(tiles[0], tiles[1], tiles[1], some);
        }
        OffHeap.put(tiles[1], out + 4 * (b * width + done), some);
      }
    }
  }

  @Override
  public void add(long a, long b, long out, long count) {
    binary(a, b, out, count, n -> FloatLoops.add(tiles[0], tiles[1], tiles[2], n));
  }

  @Override
  public void addRow(long a, long row, long out, int rows, int width) {
    for (int r = 0; r < rows; r++) {
      long at = 4L * r * width;
      add(a + at, row, out + at, width);
    }
  }

  @Override
  public void addRowAnd(long a, long row, long b, long out, int rows, int width) {
    for (int r = 0; r < rows; r++) {
      long at = 4L * r * width;
      add(a + at, row, out + at, width);
      add(out + at, b + at, out + at, width);
    }
  }

  @Override
  public void addRows(long first, long stride, int rows, float[] sums, int width) {
    for (int r = 0; r < rows; r++) {
      OffHeap.get(first + 4 * r * stride, tiles[0], width);
      FloatLoops.add(sums, tiles[0], sums, width);
    }
  }

  @Override
  public void sumRows(
      long base, int[] rows, double[] factors, int from, int to, long out, int width) {
    if (from == to) {
      OffHeap.zero(out, 4L * width);
      return;
    }
    scale(base + 4L * rows[from] * width, factors == null ? 1f : (float) factors[from], out, width);
    for (int i = from + 1; i < to; i++) {
      long row = base + 4L * rows[i] * width;
      if (factors == null) {
        add(out, row, out, width);
      } else {
        axpy((float) factors[i], row, out, out, width);
      }
    }
  }

  @Override
  public void multiply(long a, long b, long out, long count) {
    binary(a, b, out, count, n -> FloatLoops.multiply(tiles[0], tiles[1], tiles[2], n));
  }

  @Override
  public void scale(long in, float factor, long out, long count) {
    unary(in, out, count, n -> FloatLoops.scale(tiles[0], factor, tiles[1], n));
  }

  @Override
  public void shift(long in, float addend, long out, long count) {
    unary(in, out, count, n -> FloatLoops.shift(tiles[0], addend, tiles[1], n));
  }

  @Override
  public void axpy(float factor, long a, long b, long out, long count) {
    binary(a, b, out, count, n -> FloatLoops.axpy(factor, tiles[0], tiles[1], tiles[2], n));
  }

  @Override
  public void tanh(long in, long out, long count) {
    unary(in, out, count, n -> FloatMath.tanh(tiles[0], tiles[1], n));
  }

  @Override
  public void gelu(long in, long out, long count) {
    unary(in, out, count, n -> FloatMath.gelu(tiles[0], tiles[1], n));
  }

  @Override
  public void geluBackward(long in, long dOut, long dIn, long count) {
    binary(in, dOut, dIn, count, n -> FloatMath.geluBackward(tiles[0], tiles[1], tiles[2], n));
  }

  @Override
  public void adamW(long p, long g, long m, long v, long count, AdamWLoops.Step step) {
    addresses[0] = g;
    addresses[1] = p;
    addresses[2] = m;
    addresses[3] = v;
    run(4, 1, count, n -> AdamWLoops.update(tiles[1], tiles[0], tiles[2], tiles[3], n, step));
  }

  @Override
  public void decay(long p, long v, long count, AdamWLoops.Step step) {
    addresses[0] = p;
    addresses[1] = v;
    run(2, 0, count, n -> AdamWLoops.decay(tiles[0], tiles[1], n, step));
  }
}
