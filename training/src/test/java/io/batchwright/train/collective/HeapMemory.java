package io.batchwright.train.collective;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Memory;
import io.batchwright.tensor.Storage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensor memory for tests that copy but do not compute. */
public final class HeapMemory implements Memory {
  /** An arena in such memory. */
  public static Arena arena() {
    return new Arena("test", new HeapMemory(), Long.MAX_VALUE);
  }

  @Override
  public Storage allocate(long bytes) {
    return new Block(ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN));
  }

  @Override
  public String device() {
    return "heap";
  }

  private record Block(ByteBuffer memory) implements Storage {
    private ByteBuffer at(long offset, long bytes) {
      return memory
          .duplicate()
          .order(ByteOrder.LITTLE_ENDIAN)
          .position((int) offset)
          .limit((int) (offset + bytes));
    }

    @Override
    public long bytes() {
      return memory.capacity();
    }

    @Override
    public void zero(long offset, long count) {
      at(offset, count).put(new byte[(int) count]);
    }

    @Override
    public void read(long offset, float[] to) {
      at(offset, 4L * to.length).asFloatBuffer().get(to);
    }

    @Override
    public void read(long offset, double[] to) {
      at(offset, 8L * to.length).asDoubleBuffer().get(to);
    }

    @Override
    public void read(long offset, int[] to) {
      at(offset, 4L * to.length).asIntBuffer().get(to);
    }

    @Override
    public void read(long offset, ByteBuffer to) {
      to.put(at(offset, to.remaining()));
    }

    @Override
    public void write(long offset, float[] from) {
      at(offset, 4L * from.length).asFloatBuffer().put(from);
    }

    @Override
    public void write(long offset, double[] from) {
      at(offset, 8L * from.length).asDoubleBuffer().put(from);
    }

    @Override
    public void write(long offset, int[] from) {
      at(offset, 4L * from.length).asIntBuffer().put(from);
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      at(offset, from.remaining()).put(from);
    }

    @Override
    public void free() {
      // The garbage collector does.
    }
  }
}
