package io.batchwright.tensor;

/** The type of a tensor's elements. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary64. */
  F64(8),
  /** The upper half of a binary32: 8 exponent bits, 7 mantissa bits. */
  BF16(2),
  /** Signed 32-bit integer: token ids, offsets, row numbers, masks. */
  I32(4);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
