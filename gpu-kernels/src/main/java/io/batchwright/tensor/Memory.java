package io.batchwright.tensor;

/** Where arenas get their blocks: the memory of one device, implemented by each backend. */
public interface Memory {

  /**
   * A new block with undefined contents, aligned to 64 bytes.
   *
   * @param bytes size, at least 1
   */
  Storage allocate(long bytes);

  /** The device in a word, as in {@code cpu}. */
  String device();
}
