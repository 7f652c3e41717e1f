package io.batchwright.data.dedup;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The fingerprint of {@link MinHashLsh}: the key of each band, 8 little-endian bytes each, then the
 * number of shingles with repeats, 4 bytes. Documents that share a key are candidates.
 */
public final class BandKeys {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private BandKeys() {}

  static byte[] pack(long[] keys, int shingles) {
    byte[] print = new byte[keys.length * Long.BYTES + Integer.BYTES];
    for (int band = 0; band < keys.length; band++) {
      LONGS.set(print, band * Long.BYTES, keys[band]);
    }
    INTS.set(print, keys.length * Long.BYTES, shingles);
    return print;
  }

  /** The number of bands. */
  public static int bands(byte[] print) {
    return print.length / Long.BYTES;
  }

  /** The key of a band; keys of different bands differ but for chance. */
  public static long key(byte[] print, int band) {
    return (long) LONGS.get(print, band * Long.BYTES);
  }

  /** The number of shingles, repeats included: a bound of the set's size. */
  public static int shingles(byte[] print) {
    return (int) INTS.get(print, bands(print) * Long.BYTES);
  }
}
