package io.batchwright.kernel.cpu;

import io.batchwright.tensor.DType;

/** Tiles of any type read and written as doubles: for kernels that are not bound by speed. */
final class Elements {

  private Elements() {}

  /** Reads up to a tile; uses {@code floats3} and {@code ints0} of the scratch. */
  static void get(DType dtype, long address, double[] to, int count, Scratch scratch) {
    switch (dtype) {
      case F64 -> OffHeap.get(address, to, count);
      case F32 -> {
        OffHeap.get(address, scratch.floats3, count);
        for (int i = 0; i < count; i++) {
          to[i] = scratch.floats3[i];
        }
      }
      case I32 -> {
        OffHeap.get(address, scratch.ints0, count);
        for (int i = 0; i < count; i++) {
          to[i] = scratch.ints0[i];
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[i] = Float.intBitsToFloat(OffHeap.shortAt(address + 2L * i) << 16);
        }
      }
    }
  }

  /** Writes up to a tile, rounded to the type; uses {@code floats3} and {@code ints0}. */
  static void put(DType dtype, double[] from, long address, int count, Scratch scratch) {
    switch (dtype) {
      case F64 -> OffHeap.put(from, address, count);
      case F32 -> {
        for (int i = 0; i < count; i++) {
          scratch.floats3[i] = (float) from[i];
        }
        OffHeap.put(scratch.floats3, address, count);
      }
      case I32 -> {
        for (int i = 0; i < count; i++) {
          scratch.ints0[i] = (int) from[i];
        }
        OffHeap.put(scratch.ints0, address, count);
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          int bits = Float.floatToRawIntBits((float) from[i]);
          OffHeap.putShort(address + 2L * i, (short) (Bf16.rounded(bits) >>> 16));
        }
      }
    }
  }
}
