package io.batchwright.kernel.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowLoops} by {@code jdk.incubator.vector}. Sums use vectors of eight on every machine,
 * four at a time, so that their order is the same everywhere.
 */
final class VectorRowLoops implements RowLoops {
  private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
  private static final VectorSpecies<Float> WIDE = FloatVector.SPECIES_PREFERRED;

  /** Whether vectors of eight floats are machine instructions here. */
  static boolean supported() {
    return WIDE.length() >= EIGHT.length();
  }

  @Override
  public String name() {
    return "jdk.incubator.vector, " + WIDE.vectorBitSize() + " bits";
  }

  @Override
  public double sum(float[] a, int count) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += sum(a, from, Math.min(count, from + BLOCK));
    }
    return total;
  }

  private static float sum(float[] a, int from, int to) {
    FloatVector s0 = FloatVector.zero(EIGHT);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      s0 = s0.add(FloatVector.fromArray(EIGHT, a, i));
      s1 = s1.add(FloatVector.fromArray(EIGHT, a, i + 8));
      s2 = s2.add(FloatVector.fromArray(EIGHT, a, i + 16));
      s3 = s3.add(FloatVector.fromArray(EIGHT, a, i + 24));
    }
    FloatVector s = s0.add(s1).add(s2.add(s3));
    for (; i + 8 <= to; i += 8) {
      s = s.add(FloatVector.fromArray(EIGHT, a, i));
    }
    float sum = fold(s);
    for (; i < to; i++) {
      sum += a[i];
    }
    return sum;
  }

  @Override
  public double dot(float[] a, float[] b, int count) {
    double total = 0;
    for (int from = 0; from < count; from += BLOCK) {
      total += dot(a, b, from, Math.min(count, from + BLOCK));
    }
    return total;
  }

  private static float dot(float[] a, float[] b, int from, int to) {
    FloatVector s0 = FloatVector.zero(EIGHT);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      s0 = s0.add(product(a, b, i));
      s1 = s1.add(product(a, b, i + 8));
      s2 = s2.add(product(a, b, i + 16));
      s3 = s3.add(product(a, b, i + 24));
    }
    FloatVector s = s0.add(s1).add(s2.add(s3));
    for (; i + 8 <= to; i += 8) {
      s = s.add(product(a, b, i));
    }
    float sum = fold(s);
    for (; i < to; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static FloatVector product(float[] a, float[] b, int i) {
    return FloatVector.fromArray(EIGHT, a, i).mul(FloatVector.fromArray(EIGHT, b, i));
  }

  /** The order of {@link JavaRowLoops}, which a reduction of the library does not promise. */
  private static float fold(FloatVector s) {
    return ((s.lane(0) + s.lane(4)) + (s.lane(2) + s.lane(6)))
        + ((s.lane(1) + s.lane(5)) + (s.lane(3) + s.lane(7)));
  }

  @Override
  public float max(float[] a, int count) {
    FloatVector m = FloatVector.broadcast(WIDE, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i + WIDE.length() <= count; i += WIDE.length()) {
      m = m.max(FloatVector.fromArray(WIDE, a, i));
    }
    float max = m.reduceLanes(VectorOperators.MAX);
    for (; i < count; i++) {
      max = Math.max(max, a[i]);
    }
    return max;
  }
}
