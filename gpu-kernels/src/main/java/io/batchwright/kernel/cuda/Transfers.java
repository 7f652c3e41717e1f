package io.batchwright.kernel.cuda;

import io.batchwright.kernel.cuda.Driver.Lane;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Copies between arrays of the host and the device, through pinned blocks. A write returns when the
 * array has been read, not when the device has it: the device copies in its own order, and a block
 * of the ring is filled again when it has. A read waits for all work before it, on the thread that
 * reads: meanwhile others hand over more.
 */
final class Transfers {
  private static final int BLOCK_BYTES = 1 << 20;
  // Who writes runs ahead of the device by at most so many writes: a step has about twenty.
  private static final int BLOCKS = 32;
  private static final int BLOCKS_READ = 4; // of one array on their way at a time
  private static final int FEW_BYTES = 64;

  private final Driver driver;
  private final GpuThread thread;
  private final Blocks blocks;
  private final Order order;

  /** In the order of all other work. */
  Transfers(Driver driver, GpuThread thread) {
    this(driver, thread, new Blocks(driver), new AmongWork(driver));
  }

  private Transfers(Driver driver, GpuThread thread, Blocks blocks, Order order) {
    this.driver = driver;
    this.thread = thread;
    this.blocks = blocks;
    this.order = order;
  }

  /** Beside work that is handed over after this call. */
  Transfers beside() {
    BesideWork order = new BesideWork(driver);
    thread.post(() -> order.begin(blocks));
    return new Transfers(driver, thread, blocks, order);
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

  /**
   * A few bytes as they are when all work before is done: a copy of them starts now, in the order
   * of work, and only who asks for it waits.
   */
  Supplier<ByteBuffer> readLater(long from, int count) {
    return new Later(start(blocks.few, from, 0, count));
  }

  private void write(long to, long bytes, Part part) {
    if (bytes == 0) {
      return;
    }
    // The GPU's thread fills the blocks, and while it does, or waits for one that the device has
    // not read yet, nobody hands work over: also where this is beside work. To fill them on the
    // caller's thread the ring would have to be shared between threads.
    thread.ask(
        () -> {
          for (long done = 0; done < bytes; done += BLOCK_BYTES) {
            int count = (int) Math.min(BLOCK_BYTES, bytes - done);
            Block block = blocks.free();
            part.move(block.part(count), done);
            order.write(block, to + done, count);
          }
          return null;
        });
  }

  private void read(long from, long bytes, Part part) {
    Deque<Copy> started = new ArrayDeque<>();
    for (long done = 0; done < bytes; done += BLOCK_BYTES) {
      if (started.size() == BLOCKS_READ) {
        started.remove().finish(part);
      }
      started.add(start(blocks.bulk, from + done, done, (int) Math.min(BLOCK_BYTES, bytes - done)));
    }
    started.forEach(copy -> copy.finish(part));
  }

  /** Starts a copy to a block of a pool; on the device it stands after all work before. */
  private Copy start(Pool pool, long from, long done, int count) {
    return thread.ask(
        () -> {
          Block block = pool.take();
          order.read(block, from, count);
          return new Copy(pool, block, done, count);
        });
  }

  /** A copy on its way from the device to a block. */
  private final class Copy {
    private final Pool pool;
    private final Block block;
    private final long done;
    private final int count;

    Copy(Pool pool, Block block, long done, int count) {
      this.pool = pool;
      this.block = block;
      this.done = done;
      this.count = count;
    }

    /** Waits on the caller's thread: the GPU's has other work to hand over. */
    void finish(Part part) {
      driver.await(block.mark);
      part.move(block.part(count), done);
      pool.give(block);
    }
  }

  /** Finishes a copy when it is asked for the first time. */
  private static final class Later implements Supplier<ByteBuffer> {
    private Copy copy;
    private ByteBuffer bytes;

    Later(Copy copy) {
      this.copy = copy;
    }

    @Override
    public synchronized ByteBuffer get() {
      if (copy != null) {
        copy.finish((block, at) -> bytes = ByteBuffer.allocate(block.remaining()).put(block));
        copy = null;
      }
      return bytes.duplicate().flip().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** Moves the elements from byte {@code at} on of an array to or from a block, all of it. */
  private interface Part {
    void move(ByteBuffer block, long at);
  }

  /** How copies stand to other work; of the GPU thread. */
  private interface Order {
    void write(Block from, long to, int bytes);

    void read(Block to, long from, int bytes);
  }

  /** After work that was handed over before, and before what comes later. */
  private record AmongWork(Driver driver) implements Order {
    @Override
    public void write(Block from, long to, int bytes) {
      driver.write(Lane.WORK, from.bytes, to, bytes);
      from.mark = driver.mark(Lane.WORK, from.mark);
    }

    @Override
    public void read(Block to, long from, int bytes) {
      driver.read(Lane.WORK, from, to.bytes, bytes);
      to.mark = driver.mark(Lane.WORK, to.mark);
    }
  }

  /**
   * After work that was handed over before it began, and after each other; what is handed over
   * after a write waits for it.
   */
  private static final class BesideWork implements Order {
    private final Driver driver;
    private Object begun;

    BesideWork(Driver driver) {
      this.driver = driver;
    }

    void begin(Blocks blocks) {
      begun = blocks.markOfWork();
    }

    private void follow() {
      if (begun != null) { // once: copies of the lane come after each other
        driver.follow(Lane.BESIDE, begun);
        begun = null;
      }
    }

    @Override
    public void write(Block from, long to, int bytes) {
      follow();
      driver.write(Lane.BESIDE, from.bytes, to, bytes);
      from.mark = driver.mark(Lane.BESIDE, from.mark);
      driver.follow(Lane.WORK, from.mark);
    }

    @Override
    public void read(Block to, long from, int bytes) {
      follow();
      driver.read(Lane.BESIDE, from, to.bytes, bytes);
      to.mark = driver.mark(Lane.BESIDE, to.mark);
    }
  }

  /** The pinned blocks of a device, and marks; of the GPU thread. */
  private static final class Blocks {
    private static final int MARKS = 1024;

    private final Driver driver;
    private final List<Block> ring = new ArrayList<>();
    private int next;
    private final Object[] marks = new Object[MARKS];
    private int nextMark;
    final Pool bulk;
    final Pool few;

    Blocks(Driver driver) {
      this.driver = driver;
      this.bulk = new Pool(driver, BLOCK_BYTES);
      this.few = new Pool(driver, FEW_BYTES);
    }

    /** A block of the ring that the device has read. */
    Block free() {
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

    /**
     * Where work stands now. A mark comes again after many others and then stands for a later
     * place: who still has it waits longer than it must.
     */
    Object markOfWork() {
      nextMark = (nextMark + 1) % MARKS;
      marks[nextMark] = driver.mark(Lane.WORK, marks[nextMark]);
      return marks[nextMark];
    }
  }

  /** Blocks that hold what was read until its reader has copied it; taken by the GPU thread. */
  private static final class Pool {
    private final Driver driver;
    private final int bytes;
    private final Queue<Block> free = new ConcurrentLinkedQueue<>();

    Pool(Driver driver, int bytes) {
      this.driver = driver;
      this.bytes = bytes;
    }

    Block take() {
      Block block = free.poll();
      return block == null ? new Block(driver.pinned(bytes)) : block;
    }

    void give(Block block) {
      free.add(block);
    }
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
