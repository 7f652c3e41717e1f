package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;
import java.util.Arrays;

/**
 * Matrix products in plain Java, the same bits on every machine. The right operand is packed in
 * blocks of {@value #DEPTH} separate row arrays, which C2 vectorises where it leaves one flat array
 * scalar; a row of the output then takes four rows of the block at a time.
 */
final class JavaProduct implements MatrixProduct {
  private static final int DEPTH = 128;
  private static final int WIDTH = 512;
  private static final int HEIGHT = 32;

  @Override
  public String name() {
    return "java";
  }

  @Override
  public boolean sameInParts() {
    return true;
  }

  @Override
  public void multiply(
      DType dtype, Size size, Factors factors, Operands operands, Scratch scratch) {
    Lanes lanes =
        dtype == DType.F32
            ? new FloatLanes(size, factors, operands, scratch)
            : new DoubleLanes(size, factors, operands, scratch);
    for (int n0 = 0; n0 < size.n(); n0 += WIDTH) {
      int width = Math.min(WIDTH, size.n() - n0);
      int k0 = 0;
      do { // once even for k = 0, which only scales c
        int depth = Math.min(DEPTH, size.k() - k0);
        lanes.packRight(k0, n0, depth, width);
        for (int m0 = 0; m0 < size.m(); m0 += HEIGHT) {
          int height = Math.min(HEIGHT, size.m() - m0);
          lanes.packLeft(m0, k0, height, depth);
          for (int i = 0; i < height; i++) {
            lanes.row(m0, i, n0, depth, width, k0 == 0);
          }
        }
        k0 += DEPTH;
      } while (k0 < size.k());
    }
  }

  /** The two types do the same; only their arrays differ. */
  private interface Lanes {
    /** Packs op(b)[k0.., n0..] into one array per k. */
    void packRight(int k0, int n0, int depth, int width);

    /** Packs op(a)[m0.., k0..] into one array per row. */
    void packLeft(int m0, int k0, int height, int depth);

    /** Row m0 + i of c, columns n0.., plus the product of the packed blocks. */
    void row(int m0, int i, int n0, int depth, int width, boolean first);
  }

  private static final class FloatLanes implements Lanes {
    private final Size size;
    private final Factors factors;
    private final Operands at;
    private final float[][] right = new float[DEPTH][];
    private final float[][] left = new float[HEIGHT][];
    private final float[] out;
    private final float[] tile;

    FloatLanes(Size size, Factors factors, Operands operands, Scratch scratch) {
      this.size = size;
      this.factors = factors;
      this.at = operands;
      this.out = scratch.floatRow(Slots.PRODUCT_OUT, WIDTH);
      this.tile = scratch.floatRow(Slots.PRODUCT_LEFT, WIDTH);
      for (int k = 0; k < DEPTH; k++) {
        right[k] = scratch.floatRow(Slots.PRODUCT_BLOCK + k, WIDTH);
      }
      for (int i = 0; i < HEIGHT; i++) {
        left[i] = scratch.floatRow(Slots.PRODUCT_BLOCK + DEPTH + i, DEPTH);
      }
    }

    @Override
    public void packRight(int k0, int n0, int depth, int width) {
      if (!size.transposeB()) {
        for (int k = 0; k < depth; k++) {
          OffHeap.get(at.b() + 4 * ((long) (k0 + k) * at.strideB() + n0), right[k], width);
        }
        return;
      }
      for (int j = 0; j < width; j++) {
        OffHeap.get(at.b() + 4 * ((long) (n0 + j) * at.strideB() + k0), tile, depth);
        for (int k = 0; k < depth; k++) {
          right[k][j] = tile[k];
        }
      }
    }

    @Override
    public void packLeft(int m0, int k0, int height, int depth) {
      if (!size.transposeA()) {
        for (int i = 0; i < height; i++) {
          OffHeap.get(at.a() + 4 * ((long) (m0 + i) * at.strideA() + k0), left[i], depth);
        }
        return;
      }
      for (int k = 0; k < depth; k++) {
        OffHeap.get(at.a() + 4 * ((long) (k0 + k) * at.strideA() + m0), tile, height);
        for (int i = 0; i < height; i++) {
          left[i][k] = tile[i];
        }
      }
    }

    @Override
    public void row(int m0, int i, int n0, int depth, int width, boolean first) {
      long c = at.c() + 4 * ((long) (m0 + i) * at.strideC() + n0);
      if (first && factors.beta() == 0) {
        Arrays.fill(out, 0, width, 0f);
      } else {
        OffHeap.get(c, out, width);
        if (first && factors.beta() != 1) {
          FloatLoops.scale(out, (float) factors.beta(), out, width);
        }
      }
      float alpha = (float) factors.alpha();
      float[] a = left[i];
      int k = 0;
      for (; k + 3 < depth; k += 4) {
        axpy4(
            alpha * a[k],
            right[k],
            alpha * a[k + 1],
            right[k + 1],
            alpha * a[k + 2],
            right[k + 2],
            alpha * a[k + 3],
            right[k + 3],
            out,
            width);
      }
      for (; k < depth; k++) {
        FloatLoops.axpy(alpha * a[k], right[k], out, out, width);
      }
      OffHeap.put(out, c, width);
    }

    /** Ten arguments because C2 vectorises only plain arrays in a loop of its own method. */
    private static void axpy4(
        float a0,
        float[] b0,
        float a1,
        float[] b1,
        float a2,
        float[] b2,
        float a3,
        float[] b3,
        float[] out,
        int count) {
      for (int j = 0; j < count; j++) {
        out[j] += (a0 * b0[j] + a1 * b1[j]) + (a2 * b2[j] + a3 * b3[j]);
      }
    }
  }

  private static final class DoubleLanes implements Lanes {
    private final Size size;
    private final Factors factors;
    private final Operands at;
    private final double[][] right = new double[DEPTH][];
    private final double[][] left = new double[HEIGHT][];
    private final double[] out;
    private final double[] tile;

    DoubleLanes(Size size, Factors factors, Operands operands, Scratch scratch) {
      this.size = size;
      this.factors = factors;
      this.at = operands;
      this.out = scratch.doubleRow(Slots.PRODUCT_OUT, WIDTH);
      this.tile = scratch.doubleRow(Slots.PRODUCT_LEFT, WIDTH);
      for (int k = 0; k < DEPTH; k++) {
        right[k] = scratch.doubleRow(Slots.PRODUCT_BLOCK + k, WIDTH);
      }
      for (int i = 0; i < HEIGHT; i++) {
        left[i] = scratch.doubleRow(Slots.PRODUCT_BLOCK + DEPTH + i, DEPTH);
      }
    }

    @Override
    public void packRight(int k0, int n0, int depth, int width) {
      if (!size.transposeB()) {
        for (int k = 0; k < depth; k++) {
          OffHeap.get(at.b() + 8 * ((long) (k0 + k) * at.strideB() + n0), right[k], width);
        }
        return;
      }
      for (int j = 0; j < width; j++) {
        OffHeap.get(at.b() + 8 * ((long) (n0 + j) * at.strideB() + k0), tile, depth);
        for (int k = 0; k < depth; k++) {
          right[k][j] = tile[k];
        }
      }
    }

    @Override
    public void packLeft(int m0, int k0, int height, int depth) {
      if (!size.transposeA()) {
        for (int i = 0; i < height; i++) {
          OffHeap.get(at.a() + 8 * ((long) (m0 + i) * at.strideA() + k0), left[i], depth);
        }
        return;
      }
      for (int k = 0; k < depth; k++) {
        OffHeap.get(at.a() + 8 * ((long) (k0 + k) * at.strideA() + m0), tile, height);
        for (int i = 0; i < height; i++) {
          left[i][k] = tile[i];
        }
      }
    }

    @Override
    public void row(int m0, int i, int n0, int depth, int width, boolean first) {
      long c = at.c() + 8 * ((long) (m0 + i) * at.strideC() + n0);
      if (first && factors.beta() == 0) {
        Arrays.fill(out, 0, width, 0);
      } else {
        OffHeap.get(c, out, width);
        if (first && factors.beta() != 1) {
          DoubleLoops.scale(out, factors.beta(), out, width);
        }
      }
      double[] a = left[i];
      for (int k = 0; k < depth; k++) {
        DoubleLoops.axpy(factors.alpha() * a[k], right[k], out, out, width);
      }
      OffHeap.put(out, c, width);
    }
  }
}
