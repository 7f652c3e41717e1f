package io.batchwright.train.collective;

import io.batchwright.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Element-wise reduction of received bytes into a buffer.
 *
 * <p>Elements go through small zero-based arrays: the JDK 17 compiler vectorises loops over those,
 * and not over direct buffers.
 */
final class Reduction {
  private static final int TILE = 1024;

  private final DType dtype;
  private final ReduceOp op;
  private final float[] leftFloats = new float[TILE];
  private final float[] rightFloats = new float[TILE];
  private final double[] leftDoubles = new double[TILE];
  private final double[] rightDoubles = new double[TILE];
  private final int[] leftInts = new int[TILE];
  private final int[] rightInts = new int[TILE];

  Reduction(DType dtype, ReduceOp op) {
    this.dtype = dtype;
    this.op = op;
    if (dtype != DType.F32 && dtype != DType.F64 && dtype != DType.I32) {
      throw new IllegalArgumentException("ranks reduce F32, F64 and I32, not " + dtype);
    }
  }

  int elementBytes() {
    return dtype.bytes();
  }

  /**
   * Reduces {@code from} into {@code into}, both from position to limit, which are equally far
   * apart; neither position is moved.
   */
  void apply(ByteBuffer into, ByteBuffer from) {
    ByteBuffer target = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer source = from.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F32 -> floats(target, source);
      case F64 -> doubles(target, source);
      default -> ints(target, source);
    }
  }

  private void floats(ByteBuffer into, ByteBuffer from) {
    var target = into.asFloatBuffer();
    var source = from.asFloatBuffer();
    for (int done = 0; source.hasRemaining(); ) {
      int count = Math.min(TILE, source.remaining());
      target.get(done, leftFloats, 0, count);
      source.get(rightFloats, 0, count);
      if (op == ReduceOp.SUM) {
        for (int i = 0; i < count; i++) {
          leftFloats[i] += rightFloats[i];
        }
      } else {
        for (int i = 0; i < count; i++) {
          leftFloats[i] = Math.max(leftFloats[i], rightFloats[i]);
        }
      }
      target.put(done, leftFloats, 0, count);
      done += count;
    }
  }

  private void doubles(ByteBuffer into, ByteBuffer from) {
    var target = into.asDoubleBuffer();
    var source = from.asDoubleBuffer();
    for (int done = 0; source.hasRemaining(); ) {
      int count = Math.min(TILE, source.remaining());
      target.get(done, leftDoubles, 0, count);
      source.get(rightDoubles, 0, count);
      for (int i = 0; i < count; i++) {
        leftDoubles[i] =
            op == ReduceOp.SUM
                ? leftDoubles[i] + rightDoubles[i]
                : Math.max(leftDoubles[i], rightDoubles[i]);
      }
      target.put(done, leftDoubles, 0, count);
      done += count;
    }
  }

  private void ints(ByteBuffer into, ByteBuffer from) {
    var target = into.asIntBuffer();
    var source = from.asIntBuffer();
    for (int done = 0; source.hasRemaining(); ) {
      int count = Math.min(TILE, source.remaining());
      target.get(done, leftInts, 0, count);
      source.get(rightInts, 0, count);
      for (int i = 0; i < count; i++) {
        leftInts[i] =
            op == ReduceOp.SUM ? leftInts[i] + rightInts[i] : Math.max(leftInts[i], rightInts[i]);
      }
      target.put(done, leftInts, 0, count);
      done += count;
    }
  }
}
