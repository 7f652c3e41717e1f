package io.batchwright.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies between arrays of the host and the device, through a ring of pinned blocks. A write
 * returns when the array has been read, not when the device has it: the device copies in its own
 * order, and a block is filled again when it has. A read waits for all work before it.
 */
final class Transfers {
  private static final int BLOCK_BYTES = 1 << 20;
  // Who writes runs ahead of the device by at most so many writes: a step has about twenty.
  private static final int BLOCKS = 32;

  private final Driver driver;
  private final GpuThread thread;
  // Of the GPU thread.
  private final List<Block> ring = new ArrayList<>();
  private int next;

  Transfers(Driver driver, GpuThread thread) {
    this.driver = driver;
    this.thread = thread;
  }

  void write(float[] from, long to) {
    write(
        to,
        4L * from.length,
        (block, at) -> block.asFloatBuffer().put(from, (int) (at / 4), block.remaining() / 4));
  }

  void write(double[] from, long to) {
    write(
        to,
        8L * from.length,
        (block, at) -> block.asDoubleBuffer().put(from, (int) (at / 8), block.remaining() / 8));
  }

  void write(int[] from, long to) {
    write(
        to,
        4L * from.length,
        (block, at) -> block.asIntBuffer().put(from, (int) (at / 4), block.remaining() / 4));
  }

  /** From the buffer's position to its limit, which its position becomes. */
  void write(ByteBuffer from, long to) {
    int first = from.position();
    write(
        to,
        from.remaining(),
        (block, at) -> block.put(from.slice(first + (int) at, block.remaining())));
    from.position(from.limit());
  }

  /** Fills the array. */
  void read(long from, float[] to) {
    read(
        from,
        4L * to.length,
        (block, at) -> block.asFloatBuffer().get(to, (int) (at / 4), block.remaining() / 4));
  }

  /** Fills the array. */
  void read(long from, double[] to) {
    read(
        from,
        8L * to.length,
        (block, at) -> block.asDoubleBuffer().get(to, (int) (at / 8), block.remaining() / 8));
  }

  /** Fills the array. */
  void read(long from, int[] to) {
    read(
        from,
        4L * to.length,
        (block, at) -> block.asIntBuffer().get(to, (int) (at / 4), block.remaining() / 4));
  }

  /** Fills the buffer from its position to its limit, which its position becomes. */
  void read(long from, ByteBuffer to) {
    read(from, to.remaining(), (block, at) -> to.put(block));
  }

  private void write(long to, long bytes, Part part) {
    transfer(
        bytes,
        (block, done, count) -> {
          part.move(block.part(count), done);
          driver.write(block.bytes, to + done, count);
          block.mark = driver.mark(block.mark);
        });
  }

  private void read(long from, long bytes, Part part) {
    transfer(
        bytes,
        (block, done, count) -> {
          driver.read(from + done, block.bytes, count);
          part.move(block.part(count), done);
        });
  }

  private void transfer(long bytes, Step step) {
    if (bytes == 0) {
      return;
    }
    thread.ask(
        () -> {
          for (long done = 0; done < bytes; done += BLOCK_BYTES) {
            step.move(freeBlock(), done, (int) Math.min(BLOCK_BYTES, bytes - done));
          }
          return null;
        });
  }

  private Block freeBlock() {
    if (ring.size() < BLOCKS) {
      ring.add(new Block(driver.pinned(BLOCK_BYTES)));
      return ring.get(ring.size() - 1);
    }
    next = (next + 1) % BLOCKS;
    Block block = ring.get(next);
    if (block.mark != null) {
      driver.await(block.mark);
    }
    return block;
  }

  /** Moves the elements from byte {@code at} on of an array to or from a block, all of it. */
  private interface Part {
    void move(ByteBuffer block, long at);
  }

  private interface Step {
    void move(Block block, long done, int count);
  }

  private static final class Block {
    final ByteBuffer bytes;
    Object mark;

    Block(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    ByteBuffer part(int count) {
      return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(0).limit(count);
    }
  }
}
