package io.batchwright.tensor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whole blocks of {@link RandomStream}'s 32-bit draws, some at a time. All providers give the same
 * draws; the blocks of a dropout mask are what training asks for most.
 */
interface PhiloxBlocks {
  /** The provider of this JVM: vector instructions where they multiply longs. */
  PhiloxBlocks BEST = best();

  /** What the log calls it. */
  String name();

  /** How many blocks {@link #ints} makes at a time. */
  int blocks();

  /**
   * The draws of {@link #blocks} blocks, four each.
   *
   * @param first number of the first block
   * @param key of the stream
   * @param to gets them from {@code at} on
   */
  void ints(long first, long key, int[] to, int at);

  private static PhiloxBlocks best() {
    Logger log = LoggerFactory.getLogger(PhiloxBlocks.class);
    PhiloxBlocks found = new OneByOne();
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        && VectorPhiloxBlocks.supported()) {
      found = new VectorPhiloxBlocks();
    }
    log.info("Random draws on the CPU: {}", found.name());
    return found;
  }

  /** A block at a time, on every machine. */
  final class OneByOne implements PhiloxBlocks {
    @Override
    public String name() {
      return "java";
    }

    @Override
    public int blocks() {
      return 1;
    }

    @Override
    public void ints(long first, long key, int[] to, int at) {
      System.arraycopy(RandomStream.intBlock(first, key), 0, to, at, 4);
    }
  }
}
