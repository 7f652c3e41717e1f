package io.batchwright.tensor;

import java.nio.ByteBuffer;

/**
 * One block of a backend's memory. Only the backend that made it knows where it lies; everybody
 * else copies bytes in and out. Offsets are in bytes from the start of the block; elements are
 * little-endian.
 */
public interface Storage {

  /** Size of the block in bytes. */
  long bytes();

  /** Sets {@code count} bytes to zero. */
  void zero(long offset, long count);

  /** Copies to the array, which it fills. */
  void read(long offset, float[] to);

  /** Copies to the array, which it fills. */
  void read(long offset, double[] to);

  /** Copies to the array, which it fills. */
  void read(long offset, int[] to);

  /**
   * Copies raw bytes to the buffer from its position to its limit, and moves its position there.
   */
  void read(long offset, ByteBuffer to);

  /** Copies the whole array in. */
  void write(long offset, float[] from);

  /** Copies the whole array in. */
  void write(long offset, double[] from);

  /** Copies the whole array in. */
  void write(long offset, int[] from);

  /** Copies the buffer's bytes from position to limit in, and moves its position there. */
  void write(long offset, ByteBuffer from);

  /** Gives the block back to its backend. Called once, by the arena that owns it. */
  void free();
}
