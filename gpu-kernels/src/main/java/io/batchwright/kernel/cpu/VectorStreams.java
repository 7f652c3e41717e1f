package io.batchwright.kernel.cpu;

import static io.batchwright.kernel.cpu.Vectors.WIDE;
import static io.batchwright.kernel.cpu.Vectors.load;
import static io.batchwright.kernel.cpu.Vectors.store;
import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The loops of {@link VectorStreamLoops} over whole vectors, from the start of each window. Scalars
 * come as {@code x} and {@code y} in the order of {@link StreamLoops}'s arguments.
 */
final class VectorStreams {
  static final int LANES = Vectors.WIDE.length();

  /** Columns of a block of rows that are summed together. */
  static final int BLOCK = 8 * LANES;

  private VectorStreams() {}

  static void add(Window[] w, int count, float x, float y) {
    Window a = w[0];
    Window b = w[1];
    Window out = w[2];
    for (int i = 0; i < count; i += LANES) {
      store(load(a, i).add(load(b, i)), out, i);
    }
  }

  /** A block of columns of {@link StreamLoops#sumRows}, whose sums stay in registers. */
  static void sumRows(
      long base,
      long rowBytes,
      int[] rows,
      double[] factors,
      int from,
      int to,
      Window row,
      Window out) {
    FloatVector s0 = broadcast(WIDE, 0f);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int i = from; i < to; i++) {
      row.at(base + rows[i] * rowBytes);
      float factor = factors == null ? 1f : (float) factors[i];
      s0 = s0.add(load(row, 0).mul(factor));
      s1 = s1.add(load(row, LANES).mul(factor));
      s2 = s2.add(load(row, 2 * LANES).mul(factor));
      s3 = s3.add(load(row, 3 * LANES).mul(factor));
      s4 = s4.add(load(row, 4 * LANES).mul(factor));
      s5 = s5.add(load(row, 5 * LANES).mul(factor));
      s6 = s6.add(load(row, 6 * LANES).mul(factor));
      s7 = s7.add(load(row, 7 * LANES).mul(factor));
    }
    store(s0, out, 0);
    store(s1, out, LANES);
    store(s2, out, 2 * LANES);
    store(s3, out, 3 * LANES);
    store(s4, out, 4 * LANES);
    store(s5, out, 5 * LANES);
    store(s6, out, 6 * LANES);
    store(s7, out, 7 * LANES);
  }

  static void multiply(Window[] w, int count, float x, float y) {
    Window a = w[0];
    Window b = w[1];
    Window out = w[2];
    for (int i = 0; i < count; i += LANES) {
      store(load(a, i).mul(load(b, i)), out, i);
    }
  }

  static void scale(Window[] w, int count, float factor, float y) {
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < count; i += LANES) {
      store(load(in, i).mul(factor), out, i);
    }
  }

  static void shift(Window[] w, int count, float addend, float y) {
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < count; i += LANES) {
      store(load(in, i).add(addend), out, i);
    }
  }

  static void axpy(Window[] w, int count, float factor, float y) {
    Window a = w[0];
    Window b = w[1];
    Window out = w[2];
    for (int i = 0; i < count; i += LANES) {
      store(load(b, i).add(load(a, i).mul(factor)), out, i);
    }
  }

  static void gelu(Window[] w, int count, float unused, float y) {
    Window in = w[0];
    Window out = w[1];
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(in, i);
      FloatVector x = value.mul(FloatMath.SQRT_HALF).min(FloatMath.ERF_END).max(-FloatMath.ERF_END);
      FloatVector u = x.mul(x);
      FloatVector p = broadcast(WIDE, FloatMath.ERF_P5);
      p = p.fma(u, broadcast(WIDE, FloatMath.ERF_P4));
      p = p.fma(u, broadcast(WIDE, FloatMath.ERF_P3));
      p = p.fma(u, broadcast(WIDE, FloatMath.ERF_P2));
      p = p.fma(u, broadcast(WIDE, FloatMath.ERF_P1));
      p = p.fma(u, broadcast(WIDE, FloatMath.ERF_P0));
      FloatVector q = broadcast(WIDE, FloatMath.ERF_Q5);
      q = q.fma(u, broadcast(WIDE, FloatMath.ERF_Q4));
      q = q.fma(u, broadcast(WIDE, FloatMath.ERF_Q3));
      q = q.fma(u, broadcast(WIDE, FloatMath.ERF_Q2));
      q = q.fma(u, broadcast(WIDE, FloatMath.ERF_Q1));
      q = q.fma(u, broadcast(WIDE, 1f));
      FloatVector erf = x.mul(p).div(q).min(1f).max(-1f);
      FloatVector half = value.mul(0.5f);
      store(half.fma(erf, half), out, i);
    }
  }

  static void geluBackward(Window[] w, int count, float unused, float y) {
    Window in = w[0];
    Window dOut = w[1];
    Window out = w[2];
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(in, i).min(FloatMath.GELU_END).max(-FloatMath.GELU_END);
      FloatVector u = x.mul(x);
      FloatVector p = broadcast(WIDE, FloatMath.GELU_P6);
      p = p.fma(u, broadcast(WIDE, FloatMath.GELU_P5));
      p = p.fma(u, broadcast(WIDE, FloatMath.GELU_P4));
      p = p.fma(u, broadcast(WIDE, FloatMath.GELU_P3));
      p = p.fma(u, broadcast(WIDE, FloatMath.GELU_P2));
      p = p.fma(u, broadcast(WIDE, FloatMath.GELU_P1));
      p = p.fma(u, broadcast(WIDE, FloatMath.GELU_P0));
      FloatVector q = broadcast(WIDE, FloatMath.GELU_Q7);
      q = q.fma(u, broadcast(WIDE, FloatMath.GELU_Q6));
      q = q.fma(u, broadcast(WIDE, FloatMath.GELU_Q5));
      q = q.fma(u, broadcast(WIDE, FloatMath.GELU_Q4));
      q = q.fma(u, broadcast(WIDE, FloatMath.GELU_Q3));
      q = q.fma(u, broadcast(WIDE, FloatMath.GELU_Q2));
      q = q.fma(u, broadcast(WIDE, FloatMath.GELU_Q1));
      q = q.fma(u, broadcast(WIDE, 1f));
      store(load(dOut, i).mul(x.mul(p).div(q).add(0.5f)), out, i);
    }
  }

  static void adamW(Window[] w, int count, AdamWLoops.Step step) {
    final float beta1 = (float) step.beta1();
    final float rest1 = (float) (1 - step.beta1());
    final float beta2 = (float) step.beta2();
    final float rest2 = (float) (1 - step.beta2());
    final float keep = (float) step.keep();
    final float stepSize = (float) step.stepSize();
    final float secondScale = (float) step.secondScale();
    final float epsilon = (float) step.epsilon();
    Window g = w[0];
    Window p = w[1];
    Window m = w[2];
    Window v = w[3];
    for (int i = 0; i < count; i += LANES) {
      FloatVector grad = load(g, i);
      FloatVector first = flushed(load(m, i).mul(beta1).add(grad.mul(rest1)));
      FloatVector second = flushed(load(v, i).mul(beta2).add(grad.mul(rest2).mul(grad)));
      store(first, m, i);
      store(second, v, i);
      FloatVector root = second.lanewise(VectorOperators.SQRT);
      FloatVector update = first.mul(stepSize).div(root.mul(secondScale).add(epsilon));
      store(load(p, i).mul(keep).sub(update), p, i);
    }
  }

  static void decay(Window[] w, int count, float beta2, float keep) {
    Window p = w[0];
    Window v = w[1];
    for (int i = 0; i < count; i += LANES) {
      store(flushed(load(v, i).mul(beta2)), v, i);
      store(load(p, i).mul(keep), p, i);
    }
  }

  private static FloatVector flushed(FloatVector moment) {
    return moment.add(AdamWLoops.FLUSH).sub(AdamWLoops.FLUSH);
  }

  /** The sum of squares of a block, in the order that {@link RowLoops} states. */
  static float squares(Window a, int count) {
    FloatVector s0 = FloatVector.zero(Vectors.EIGHT);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i + RowLoops.LANES <= count; i += RowLoops.LANES) {
      s0 = s0.add(square(a, i));
      s1 = s1.add(square(a, i + 8));
      s2 = s2.add(square(a, i + 16));
      s3 = s3.add(square(a, i + 24));
    }
    FloatVector s = s0.add(s1).add(s2.add(s3));
    for (; i + 8 <= count; i += 8) {
      s = s.add(square(a, i));
    }
    float sum = VectorRowLoops.fold(s);
    for (; i < count; i++) {
      float value = OffHeap.floatAt(a.address + 4L * i);
      sum += value * value;
    }
    return sum;
  }

  private static FloatVector square(Window a, int i) {
    FloatVector values = load(Vectors.EIGHT, a, i);
    return values.mul(values);
  }
}
