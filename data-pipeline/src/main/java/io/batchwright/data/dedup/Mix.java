package io.batchwright.data.dedup;

/** The 64-bit finalizer behind shingles and signatures; a persisted algorithm, never changed. */
final class Mix {
  private Mix() {}

  /** Stafford's variant 13 of the MurmurHash3 finalizer: a bijection that changes half the bits. */
  static long mix(long value) {
    long x = value;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
