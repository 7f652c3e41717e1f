package io.batchwright.kernel.cpu;

import java.nio.ByteBuffer;

/** A movable view of memory outside of the heap, from an address on. */
final class Window {
  final ByteBuffer view = OffHeap.view();
  long address;

  /** Moves there. */
  Window at(long to) {
    address = to;
    OffHeap.point(view, to);
    return this;
  }

  /** The address so many bytes from the start. */
  long place(int offset) {
    return address + offset;
  }
}
