package io.batchwright.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Supplier;

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

  /**
   * The bytes as they are now in the order of work, to be asked for when later work has been handed
   * over: where a device computes beside the host, only who asks waits.
   *
   * @param count a few, such as those of one number
   * @return gives a little-endian buffer of them
   */
  default Supplier<ByteBuffer> readLater(long offset, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    read(offset, bytes);
    return () -> bytes.duplicate().flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * This block for a thread that moves bytes of it while a device goes on, see {@link
   * Tensor#beside}; itself where the host computes.
   */
  default Storage beside() {
    return this;
  }

  /** Copies the whole array in. */
  void write(long offset, float[] from);

  /** Copies the whole array in. */
  void write(long offset, double[] from);

  /** Copies the whole array in. */
  void write(long offset, int[] from);

  /** Copies the buffer's bytes from position to limit in, and moves its position there. */
  void write(long offset, ByteBuffer from);

  /**
   * The bytes themselves, where the host can see them; valid until the block is freed.
   *
   * @return a direct little-endian buffer of {@code count} bytes, or nothing where the host has to
   *     copy
   */
  default Optional<ByteBuffer> view(long offset, int count) {
    return Optional.empty();
  }

  /** Gives the block back to its backend. Called once, by the arena that owns it. */
  void free();
}
