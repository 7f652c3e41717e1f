package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.cpu.Vectors.LOAD;
import static io.batchwright.kernel.cpu.Vectors.STORE;
import static io.batchwright.kernel.cpu.Vectors.WIDE;
import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The loops of {@link VectorStreamLoops} over whole vectors, from the start of each window to
 * {@code end} bytes behind it. Scalars come as {@code x} and {@code y} in the order of {@link
 * StreamLoops}'s arguments. Loops keep to the three rules that stand at {@link Vectors}; what its
 * handles throw goes through.
 */
final class VectorStreams {
  static final int LANES = WIDE.length();

  /** The most rows that are added at once. */
  static final int ROWS = 8;

  private static final int BYTES = LANES * Float.BYTES;
  private static final int LANE_BYTES = RowLoops.LANES * Float.BYTES;
  private static final int GELU_END_BITS = Float.floatToIntBits(FloatMath.GELU_END);
  private static final int HALF_BITS = Float.floatToIntBits(0.5f);

  private VectorStreams() {}

  static void add(Window[] w, int end, float x, float y) throws Throwable {
    Window a = w[0];
    Window b = w[1];
    Window out = w[2];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector first = (FloatVector) LOAD.invokeExact(a, i);
      FloatVector second = (FloatVector) LOAD.invokeExact(b, i);
      STORE.invokeExact(first.add(second), out, i);
    }
  }

  /** {@code w[2] = w[0] + w[1]}, where w[1] is a row that each row is added to. */
  static void addRow(Window[] w, int rows, int width) throws Throwable {
    Window a = w[0];
    Window row = w[1];
    Window out = w[2];
    for (int r = 0; r < rows; r++) {
      int from = r * width;
      for (int i = 0; i < width; i += BYTES) {
        FloatVector first = (FloatVector) LOAD.invokeExact(a, from + i);
        FloatVector second = (FloatVector) LOAD.invokeExact(row, i);
        STORE.invokeExact(first.add(second), out, from + i);
      }
    }
  }

  /** {@code w[2] = (w[0] + w[1]) + w[3]}, where w[1] is a row. */
  static void addRowAnd(Window[] w, int rows, int width) throws Throwable {
    Window a = w[0];
    Window row = w[1];
    Window out = w[2];
    Window b = w[3];
    for (int r = 0; r < rows; r++) {
      int from = r * width;
      for (int i = 0; i < width; i += BYTES) {
        FloatVector first = (FloatVector) LOAD.invokeExact(a, from + i);
        FloatVector second = (FloatVector) LOAD.invokeExact(row, i);
        FloatVector third = (FloatVector) LOAD.invokeExact(b, from + i);
        STORE.invokeExact(first.add(second).add(third), out, from + i);
      }
    }
  }

  /** Adds rows that lie {@code stride} bytes apart to the first {@code whole} sums. */
  static void addRowsToSums(Window in, int rows, int stride, float[] sums, int whole)
      throws Throwable {
    int i = 0;
    for (; i + 4 * LANES <= whole; i += 4 * LANES) {
      FloatVector s0 = FloatVector.fromArray(WIDE, sums, i);
      FloatVector s1 = FloatVector.fromArray(WIDE, sums, i + LANES);
      FloatVector s2 = FloatVector.fromArray(WIDE, sums, i + 2 * LANES);
      FloatVector s3 = FloatVector.fromArray(WIDE, sums, i + 3 * LANES);
      for (int r = 0; r < rows; r++) {
        int at = r * stride + Float.BYTES * i;
        FloatVector r0 = (FloatVector) LOAD.invokeExact(in, at);
        FloatVector r1 = (FloatVector) LOAD.invokeExact(in, at + BYTES);
        FloatVector r2 = (FloatVector) LOAD.invokeExact(in, at + 2 * BYTES);
        FloatVector r3 = (FloatVector) LOAD.invokeExact(in, at + 3 * BYTES);
        s0 = s0.add(r0);
        s1 = s1.add(r1);
        s2 = s2.add(r2);
        s3 = s3.add(r3);
      }
      s0.intoArray(sums, i);
      s1.intoArray(sums, i + LANES);
      s2.intoArray(sums, i + 2 * LANES);
      s3.intoArray(sums, i + 3 * LANES);
    }
    for (; i < whole; i += LANES) {
      FloatVector sum = FloatVector.fromArray(WIDE, sums, i);
      for (int r = 0; r < rows; r++) {
        FloatVector row = (FloatVector) LOAD.invokeExact(in, r * stride + Float.BYTES * i);
        sum = sum.add(row);
      }
      sum.intoArray(sums, i);
    }
  }

  // Sums of rows: out = ((out + f[0] * w[0]) + f[1] * w[1]) + ..., or without what was there; out
  // is
  // the window behind the rows. Reads of several rows overlap.

  static void setEightRows(Window[] w, int end, float[] f) throws Throwable {
    final float f0 = f[0];
    final float f1 = f[1];
    final float f2 = f[2];
    final float f3 = f[3];
    final float f4 = f[4];
    final float f5 = f[5];
    final float f6 = f[6];
    final float f7 = f[7];
    Window row0 = w[0];
    Window row1 = w[1];
    Window row2 = w[2];
    Window row3 = w[3];
    Window row4 = w[4];
    Window row5 = w[5];
    Window row6 = w[6];
    Window row7 = w[7];
    Window out = w[8];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector r0 = (FloatVector) LOAD.invokeExact(row0, i);
      FloatVector r1 = (FloatVector) LOAD.invokeExact(row1, i);
      FloatVector r2 = (FloatVector) LOAD.invokeExact(row2, i);
      FloatVector r3 = (FloatVector) LOAD.invokeExact(row3, i);
      FloatVector r4 = (FloatVector) LOAD.invokeExact(row4, i);
      FloatVector r5 = (FloatVector) LOAD.invokeExact(row5, i);
      FloatVector r6 = (FloatVector) LOAD.invokeExact(row6, i);
      FloatVector r7 = (FloatVector) LOAD.invokeExact(row7, i);
      FloatVector sum = r0.mul(f0).add(r1.mul(f1)).add(r2.mul(f2)).add(r3.mul(f3));
      sum = sum.add(r4.mul(f4)).add(r5.mul(f5)).add(r6.mul(f6)).add(r7.mul(f7));
      STORE.invokeExact(sum, out, i);
    }
  }

  static void addEightRows(Window[] w, int end, float[] f) throws Throwable {
    final float f0 = f[0];
    final float f1 = f[1];
    final float f2 = f[2];
    final float f3 = f[3];
    final float f4 = f[4];
    final float f5 = f[5];
    final float f6 = f[6];
    final float f7 = f[7];
    Window row0 = w[0];
    Window row1 = w[1];
    Window row2 = w[2];
    Window row3 = w[3];
    Window row4 = w[4];
    Window row5 = w[5];
    Window row6 = w[6];
    Window row7 = w[7];
    Window out = w[8];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector sum = (FloatVector) LOAD.invokeExact(out, i);
      FloatVector r0 = (FloatVector) LOAD.invokeExact(row0, i);
      FloatVector r1 = (FloatVector) LOAD.invokeExact(row1, i);
      FloatVector r2 = (FloatVector) LOAD.invokeExact(row2, i);
      FloatVector r3 = (FloatVector) LOAD.invokeExact(row3, i);
      FloatVector r4 = (FloatVector) LOAD.invokeExact(row4, i);
      FloatVector r5 = (FloatVector) LOAD.invokeExact(row5, i);
      FloatVector r6 = (FloatVector) LOAD.invokeExact(row6, i);
      FloatVector r7 = (FloatVector) LOAD.invokeExact(row7, i);
      sum = sum.add(r0.mul(f0)).add(r1.mul(f1)).add(r2.mul(f2)).add(r3.mul(f3));
      sum = sum.add(r4.mul(f4)).add(r5.mul(f5)).add(r6.mul(f6)).add(r7.mul(f7));
      STORE.invokeExact(sum, out, i);
    }
  }

  static void setFourRows(Window[] w, int end, float[] f) throws Throwable {
    final float f0 = f[0];
    final float f1 = f[1];
    final float f2 = f[2];
    final float f3 = f[3];
    Window row0 = w[0];
    Window row1 = w[1];
    Window row2 = w[2];
    Window row3 = w[3];
    Window out = w[4];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector r0 = (FloatVector) LOAD.invokeExact(row0, i);
      FloatVector r1 = (FloatVector) LOAD.invokeExact(row1, i);
      FloatVector r2 = (FloatVector) LOAD.invokeExact(row2, i);
      FloatVector r3 = (FloatVector) LOAD.invokeExact(row3, i);
      FloatVector sum = r0.mul(f0).add(r1.mul(f1)).add(r2.mul(f2)).add(r3.mul(f3));
      STORE.invokeExact(sum, out, i);
    }
  }

  static void addFourRows(Window[] w, int end, float[] f) throws Throwable {
    final float f0 = f[0];
    final float f1 = f[1];
    final float f2 = f[2];
    final float f3 = f[3];
    Window row0 = w[0];
    Window row1 = w[1];
    Window row2 = w[2];
    Window row3 = w[3];
    Window out = w[4];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector sum = (FloatVector) LOAD.invokeExact(out, i);
      FloatVector r0 = (FloatVector) LOAD.invokeExact(row0, i);
      FloatVector r1 = (FloatVector) LOAD.invokeExact(row1, i);
      FloatVector r2 = (FloatVector) LOAD.invokeExact(row2, i);
      FloatVector r3 = (FloatVector) LOAD.invokeExact(row3, i);
      sum = sum.add(r0.mul(f0)).add(r1.mul(f1)).add(r2.mul(f2)).add(r3.mul(f3));
      STORE.invokeExact(sum, out, i);
    }
  }

  static void setTwoRows(Window[] w, int end, float[] f) throws Throwable {
    final float f0 = f[0];
    final float f1 = f[1];
    Window row0 = w[0];
    Window row1 = w[1];
    Window out = w[2];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector r0 = (FloatVector) LOAD.invokeExact(row0, i);
      FloatVector r1 = (FloatVector) LOAD.invokeExact(row1, i);
      FloatVector sum = r0.mul(f0).add(r1.mul(f1));
      STORE.invokeExact(sum, out, i);
    }
  }

  static void addTwoRows(Window[] w, int end, float[] f) throws Throwable {
    final float f0 = f[0];
    final float f1 = f[1];
    Window row0 = w[0];
    Window row1 = w[1];
    Window out = w[2];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector sum = (FloatVector) LOAD.invokeExact(out, i);
      FloatVector r0 = (FloatVector) LOAD.invokeExact(row0, i);
      FloatVector r1 = (FloatVector) LOAD.invokeExact(row1, i);
      sum = sum.add(r0.mul(f0)).add(r1.mul(f1));
      STORE.invokeExact(sum, out, i);
    }
  }

  static void addRowTimes(Window[] w, int end, float factor, float y) throws Throwable {
    Window row = w[0];
    Window out = w[1];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector sum = (FloatVector) LOAD.invokeExact(out, i);
      FloatVector value = (FloatVector) LOAD.invokeExact(row, i);
      STORE.invokeExact(sum.add(value.mul(factor)), out, i);
    }
  }

  static void multiply(Window[] w, int end, float x, float y) throws Throwable {
    Window a = w[0];
    Window b = w[1];
    Window out = w[2];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector first = (FloatVector) LOAD.invokeExact(a, i);
      FloatVector second = (FloatVector) LOAD.invokeExact(b, i);
      STORE.invokeExact(first.mul(second), out, i);
    }
  }

  static void scale(Window[] w, int end, float factor, float y) throws Throwable {
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector value = (FloatVector) LOAD.invokeExact(in, i);
      STORE.invokeExact(value.mul(factor), out, i);
    }
  }

  static void shift(Window[] w, int end, float addend, float y) throws Throwable {
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector value = (FloatVector) LOAD.invokeExact(in, i);
      STORE.invokeExact(value.add(addend), out, i);
    }
  }

  static void axpy(Window[] w, int end, float factor, float y) throws Throwable {
    Window a = w[0];
    Window b = w[1];
    Window out = w[2];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector first = (FloatVector) LOAD.invokeExact(a, i);
      FloatVector second = (FloatVector) LOAD.invokeExact(b, i);
      STORE.invokeExact(second.add(first.mul(factor)), out, i);
    }
  }

  static void tanh(Window[] w, int end, float unused, float y) throws Throwable {
    FloatVector p0 = broadcast(WIDE, FloatMath.TANH_P0);
    FloatVector p1 = broadcast(WIDE, FloatMath.TANH_P1);
    FloatVector p2 = broadcast(WIDE, FloatMath.TANH_P2);
    FloatVector p3 = broadcast(WIDE, FloatMath.TANH_P3);
    FloatVector p4 = broadcast(WIDE, FloatMath.TANH_P4);
    FloatVector p5 = broadcast(WIDE, FloatMath.TANH_P5);
    FloatVector p6 = broadcast(WIDE, FloatMath.TANH_P6);
    FloatVector q1 = broadcast(WIDE, FloatMath.TANH_Q1);
    FloatVector q2 = broadcast(WIDE, FloatMath.TANH_Q2);
    FloatVector q3 = broadcast(WIDE, FloatMath.TANH_Q3);
    FloatVector one = broadcast(WIDE, 1f);
    FloatVector least = broadcast(WIDE, -1f);
    FloatVector highest = broadcast(WIDE, FloatMath.TANH_END);
    FloatVector lowest = broadcast(WIDE, -FloatMath.TANH_END);
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector value = (FloatVector) LOAD.invokeExact(in, i);
      FloatVector x = value.min(highest);
      x = x.max(lowest);
      FloatVector u = x.mul(x);
      FloatVector p = p6.fma(u, p5).fma(u, p4).fma(u, p3);
      p = p.fma(u, p2).fma(u, p1).fma(u, p0);
      FloatVector q = q3.fma(u, q2).fma(u, q1);
      q = q.fma(u, one);
      FloatVector quotient = x.mul(p).div(q);
      quotient = quotient.min(one);
      STORE.invokeExact(quotient.max(least), out, i);
    }
  }

  static void gelu(Window[] w, int end, float unused, float y) throws Throwable {
    FloatVector c0 = broadcast(WIDE, FloatMath.GELU_0);
    FloatVector c1 = broadcast(WIDE, FloatMath.GELU_1);
    FloatVector c2 = broadcast(WIDE, FloatMath.GELU_2);
    FloatVector c3 = broadcast(WIDE, FloatMath.GELU_3);
    FloatVector c4 = broadcast(WIDE, FloatMath.GELU_4);
    FloatVector c5 = broadcast(WIDE, FloatMath.GELU_5);
    FloatVector c6 = broadcast(WIDE, FloatMath.GELU_6);
    FloatVector c7 = broadcast(WIDE, FloatMath.GELU_7);
    FloatVector c8 = broadcast(WIDE, FloatMath.GELU_8);
    FloatVector c9 = broadcast(WIDE, FloatMath.GELU_9);
    FloatVector c10 = broadcast(WIDE, FloatMath.GELU_10);
    FloatVector c11 = broadcast(WIDE, FloatMath.GELU_11);
    FloatVector c12 = broadcast(WIDE, FloatMath.GELU_12);
    FloatVector c13 = broadcast(WIDE, FloatMath.GELU_13);
    FloatVector c14 = broadcast(WIDE, FloatMath.GELU_14);
    FloatVector c15 = broadcast(WIDE, FloatMath.GELU_15);
    FloatVector middle = broadcast(WIDE, FloatMath.GELU_MIDDLE);
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector x = (FloatVector) LOAD.invokeExact(in, i);
      FloatVector size = x.abs();
      // The bits of numbers that are not negative rise with them; of NaN, x / 2 is what stays.
      FloatVector t = size.reinterpretAsInts().min(GELU_END_BITS).reinterpretAsFloats().sub(middle);
      FloatVector u = t.mul(t);
      FloatVector even = c14.fma(u, c12).fma(u, c10).fma(u, c8).fma(u, c6);
      even = even.fma(u, c4).fma(u, c2).fma(u, c0);
      FloatVector odd = c15.fma(u, c13).fma(u, c11).fma(u, c9).fma(u, c7);
      odd = odd.fma(u, c5).fma(u, c3).fma(u, c1);
      FloatVector share = odd.fma(t, even);
      share = share.reinterpretAsInts().min(HALF_BITS).reinterpretAsFloats();
      STORE.invokeExact(size.fma(share, x.mul(0.5f)), out, i);
    }
  }

  static void geluBackward(Window[] w, int end, float unused, float y) throws Throwable {
    FloatVector p0 = broadcast(WIDE, FloatMath.GELU_SLOPE_P0);
    FloatVector p1 = broadcast(WIDE, FloatMath.GELU_SLOPE_P1);
    FloatVector p2 = broadcast(WIDE, FloatMath.GELU_SLOPE_P2);
    FloatVector p3 = broadcast(WIDE, FloatMath.GELU_SLOPE_P3);
    FloatVector p4 = broadcast(WIDE, FloatMath.GELU_SLOPE_P4);
    FloatVector p5 = broadcast(WIDE, FloatMath.GELU_SLOPE_P5);
    FloatVector p6 = broadcast(WIDE, FloatMath.GELU_SLOPE_P6);
    FloatVector q1 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q1);
    FloatVector q2 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q2);
    FloatVector q3 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q3);
    FloatVector q4 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q4);
    FloatVector q5 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q5);
    FloatVector q6 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q6);
    FloatVector q7 = broadcast(WIDE, FloatMath.GELU_SLOPE_Q7);
    FloatVector one = broadcast(WIDE, 1f);
    Window in = w[0];
    Window dOut = w[1];
    Window out = w[2];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector x = (FloatVector) LOAD.invokeExact(in, i);
      FloatVector grad = (FloatVector) LOAD.invokeExact(dOut, i);
      x = x.min(FloatMath.GELU_SLOPE_END).max(-FloatMath.GELU_SLOPE_END);
      FloatVector u = x.mul(x);
      FloatVector p = p6.fma(u, p5).fma(u, p4).fma(u, p3).fma(u, p2).fma(u, p1).fma(u, p0);
      FloatVector q = q7.fma(u, q6).fma(u, q5).fma(u, q4).fma(u, q3).fma(u, q2).fma(u, q1);
      q = q.fma(u, one);
      STORE.invokeExact(grad.mul(x.mul(p).div(q).add(0.5f)), out, i);
    }
  }

  static void adamW(Window[] w, int end, AdamWLoops.Step step) throws Throwable {
    final float beta1 = (float) step.beta1();
    final float rest1 = (float) (1 - step.beta1());
    final float beta2 = (float) step.beta2();
    final float rest2 = (float) (1 - step.beta2());
    final float keep = (float) step.keep();
    final float stepSize = (float) step.stepSize();
    final float secondScale = (float) step.secondScale();
    final float epsilon = (float) step.epsilon();
    final float factor = (float) step.gradientFactor();
    Window g = w[0];
    Window p = w[1];
    Window m = w[2];
    Window v = w[3];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector grad = ((FloatVector) LOAD.invokeExact(g, i)).mul(factor);
      FloatVector value = (FloatVector) LOAD.invokeExact(p, i);
      FloatVector first = (FloatVector) LOAD.invokeExact(m, i);
      FloatVector second = (FloatVector) LOAD.invokeExact(v, i);
      first = first.mul(beta1).add(grad.mul(rest1));
      second = second.mul(beta2).add(grad.mul(rest2).mul(grad));
      first = first.add(AdamWLoops.FLUSH).sub(AdamWLoops.FLUSH);
      second = second.add(AdamWLoops.FLUSH).sub(AdamWLoops.FLUSH);
      STORE.invokeExact(first, m, i);
      STORE.invokeExact(second, v, i);
      FloatVector root = second.lanewise(VectorOperators.SQRT);
      FloatVector update = first.mul(stepSize).div(root.mul(secondScale).add(epsilon));
      STORE.invokeExact(value.mul(keep).sub(update), p, i);
    }
  }

  static void decay(Window[] w, int end, float beta2, float keep) throws Throwable {
    Window p = w[0];
    Window v = w[1];
    for (int i = 0; i < end; i += BYTES) {
      FloatVector value = (FloatVector) LOAD.invokeExact(p, i);
      FloatVector second = (FloatVector) LOAD.invokeExact(v, i);
      second = second.mul(beta2).add(AdamWLoops.FLUSH).sub(AdamWLoops.FLUSH);
      STORE.invokeExact(second, v, i);
      STORE.invokeExact(value.mul(keep), p, i);
    }
  }

  /** The sum of squares of {@code end / 4} floats, in the order that {@link RowLoops} states. */
  static float squares(Window a, int end, LaneSums sums) throws Throwable {
    int whole = end - end % LANE_BYTES;
    for (int lane = 0; lane < RowLoops.LANES; lane += 2 * LANES) {
      FloatVector s0 = FloatVector.zero(WIDE);
      FloatVector s1 = s0;
      for (int i = Float.BYTES * lane; i < whole; i += LANE_BYTES) {
        FloatVector first = (FloatVector) LOAD.invokeExact(a, i);
        FloatVector second = (FloatVector) LOAD.invokeExact(a, i + BYTES);
        s0 = s0.add(first.mul(first));
        s1 = s1.add(second.mul(second));
      }
      s0.intoArray(sums.lanes, lane);
      s1.intoArray(sums.lanes, lane + LANES);
    }
    for (int i = whole; i < end; i += Float.BYTES) {
      float value = OffHeap.floatAt(a.address + i);
      sums.rest[(i - whole) / Float.BYTES] = value * value;
    }
    return sums.total((end - whole) / Float.BYTES);
  }

  /** The maximum of each row of {@code width} bytes, from {@code in} to {@code out}. */
  static void maxima(Window in, Window out, int rows, int width) throws Throwable {
    for (int r = 0; r < rows; r++) {
      int end = (r + 1) * width;
      int i = r * width;
      FloatVector m0 = broadcast(WIDE, Float.NEGATIVE_INFINITY);
      FloatVector m1 = m0;
      for (; i + 2 * BYTES <= end; i += 2 * BYTES) {
        FloatVector first = (FloatVector) LOAD.invokeExact(in, i);
        FloatVector second = (FloatVector) LOAD.invokeExact(in, i + BYTES);
        m0 = m0.max(first);
        m1 = m1.max(second);
      }
      float max = m0.max(m1).reduceLanes(VectorOperators.MAX);
      for (; i < end; i += Float.BYTES) {
        max = Math.max(max, OffHeap.floatAt(in.address + i));
      }
      OffHeap.putFloat(out.address + (long) Float.BYTES * r, max);
    }
  }

  /** The greatest of each column of each block, {@code width} bytes of a row. */
  static void columnMaxima(Window in, Window out, int blocks, int rows, int width)
      throws Throwable {
    for (int b = 0; b < blocks; b++) {
      int first = b * rows * width;
      int end = first + rows * width;
      int i = 0;
      for (; i + BYTES <= width; i += BYTES) {
        FloatVector max = (FloatVector) LOAD.invokeExact(in, first + i);
        for (int at = first + width + i; at < end; at += width) {
          FloatVector next = (FloatVector) LOAD.invokeExact(in, at);
          max = max.max(next);
        }
        STORE.invokeExact(max, out, b * width + i);
      }
      for (; i < width; i += Float.BYTES) {
        float max = OffHeap.floatAt(in.address + first + i);
        for (int at = first + width + i; at < end; at += width) {
          max = Math.max(max, OffHeap.floatAt(in.address + at));
        }
        OffHeap.putFloat(out.address + (long) b * width + i, max);
      }
    }
  }
}
