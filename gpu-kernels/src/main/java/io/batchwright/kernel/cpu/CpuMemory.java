package io.batchwright.kernel.cpu;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Memory;
import io.batchwright.tensor.Storage;
import io.batchwright.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/** Blocks outside the Java heap. */
final class CpuMemory implements Memory {

  @Override
  public Storage allocate(long bytes) {
    return new Block(OffHeap.allocate(bytes + Arena.ALIGNMENT), bytes);
  }

  @Override
  public String device() {
    return "cpu";
  }

  /**
   * Where a tensor of this backend starts; fails for a dead tensor and for one of another backend.
   */
  static long addressOf(Tensor tensor) {
    if (tensor.storage() instanceof Block block) {
      return block.aligned + tensor.byteOffset();
    }
    throw new IllegalArgumentException("tensor " + tensor + " does not lie in the CPU's memory");
  }

  private static final class Block implements Storage {
    private final long allocated;
    private final long aligned;
    private final long bytes;

    Block(long allocated, long bytes) {
      this.allocated = allocated;
      this.aligned = (allocated + Arena.ALIGNMENT - 1) & -Arena.ALIGNMENT;
      this.bytes = bytes;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void zero(long offset, long count) {
      OffHeap.zero(at(offset, count), count);
    }

    @Override
    public void read(long offset, float[] to) {
      OffHeap.get(at(offset, 4L * to.length), to, to.length);
    }

    @Override
    public void read(long offset, double[] to) {
      OffHeap.get(at(offset, 8L * to.length), to, to.length);
    }

    @Override
    public void read(long offset, int[] to) {
      OffHeap.get(at(offset, 4L * to.length), to, to.length);
    }

    @Override
    public void read(long offset, ByteBuffer to) {
      OffHeap.get(at(offset, to.remaining()), to);
    }

    @Override
    public void write(long offset, float[] from) {
      OffHeap.put(from, at(offset, 4L * from.length), from.length);
    }

    @Override
    public void write(long offset, double[] from) {
      OffHeap.put(from, at(offset, 8L * from.length), from.length);
    }

    @Override
    public void write(long offset, int[] from) {
      OffHeap.put(from, at(offset, 4L * from.length), from.length);
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      OffHeap.put(from, at(offset, from.remaining()));
    }

    @Override
    public Optional<ByteBuffer> view(long offset, int count) {
      return MemoryView.of(at(offset, count), count);
    }

    @Override
    public void free() {
      OffHeap.free(allocated);
    }

    private long at(long offset, long count) {
      Objects.checkFromIndexSize(offset, count, bytes);
      return aligned + offset;
    }
  }
}
