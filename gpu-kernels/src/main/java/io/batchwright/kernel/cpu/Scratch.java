package io.batchwright.kernel.cpu;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Working arrays of one thread, kept from call to call so that a step in steady state allocates
 * none.
 */
final class Scratch {
  /** Elements of a tile: four float tiles lie in the first-level cache. */
  static final int TILE = 1024;

  final float[] floats0 = new float[TILE];
  final float[] floats1 = new float[TILE];
  final float[] floats2 = new float[TILE];
  final float[] floats3 = new float[TILE];
  final double[] doubles0 = new double[TILE];
  final double[] doubles1 = new double[TILE];
  final double[] doubles2 = new double[TILE];
  final double[] doubles3 = new double[TILE];
  final int[] ints0 = new int[TILE];

  final RowLoops rows = Providers.rows();
  final StreamLoops streams = Providers.streams(rows);

  private ByteBuffer[] directRows = {};
  private float[][] floatRows = {};
  private double[][] doubleRows = {};
  private int[][] intRows = {};
  private long[][] longRows = {};
  private BiasCorrection biasCorrection;

  /** The address of the n-th row outside of the heap of at least so many floats. */
  long directRow(int index, int length) {
    if (index >= directRows.length) {
      directRows = Arrays.copyOf(directRows, index + 1);
    }
    if (directRows[index] == null || directRows[index].capacity() < Float.BYTES * (long) length) {
      directRows[index] = ByteBuffer.allocateDirect(Math.multiplyExact(grown(length), Float.BYTES));
    }
    return OffHeap.addressOf(directRows[index]);
  }

  /**
   * The n-th float array of at least this length and {@link RowLoops#ROOM} more; its contents are
   * whatever the last user left.
   */
  float[] floatRow(int index, int length) {
    if (index >= floatRows.length) {
      float[][] more = new float[index + 1][0];
      System.arraycopy(floatRows, 0, more, 0, floatRows.length);
      floatRows = more;
    }
    if (floatRows[index].length < length + RowLoops.ROOM) {
      floatRows[index] = new float[grown(length + RowLoops.ROOM)];
    }
    return floatRows[index];
  }

  /** The n-th double array of at least this length. */
  double[] doubleRow(int index, int length) {
    if (index >= doubleRows.length) {
      double[][] more = new double[index + 1][0];
      System.arraycopy(doubleRows, 0, more, 0, doubleRows.length);
      doubleRows = more;
    }
    if (doubleRows[index].length < length) {
      doubleRows[index] = new double[grown(length)];
    }
    return doubleRows[index];
  }

  /** The n-th int array of at least this length. */
  int[] intRow(int index, int length) {
    if (index >= intRows.length) {
      int[][] more = new int[index + 1][0];
      System.arraycopy(intRows, 0, more, 0, intRows.length);
      intRows = more;
    }
    if (intRows[index].length < length) {
      intRows[index] = new int[grown(length)];
    }
    return intRows[index];
  }

  /** The n-th long array of at least this length. */
  long[] longRow(int index, int length) {
    if (index >= longRows.length) {
      long[][] more = new long[index + 1][0];
      System.arraycopy(longRows, 0, more, 0, longRows.length);
      longRows = more;
    }
    if (longRows[index].length < length) {
      longRows[index] = new long[grown(length)];
    }
    return longRows[index];
  }

  /** The powers of these betas, computed once per step number. */
  BiasCorrection biasCorrection(double beta1, double beta2) {
    if (biasCorrection == null || !biasCorrection.isOf(beta1, beta2)) {
      biasCorrection = new BiasCorrection(beta1, beta2);
    }
    return biasCorrection;
  }

  private static int grown(int length) {
    return Math.max(TILE, (int) Math.min(Integer.MAX_VALUE - 8L, length + length / 4L));
  }
}
