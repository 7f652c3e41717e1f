package io.batchwright.kernel.cuda;

import io.batchwright.tensor.Memory;
import io.batchwright.tensor.Storage;
import io.batchwright.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Blocks of device memory. A block remembers the integers that the host wrote into it: kernels that
 * read row numbers and offsets must be told on the host how far those go, models ask for offsets
 * too, and a copy back would stop the device each time.
 */
final class CudaMemory implements Memory {
  private final CudaDevice device;

  CudaMemory(CudaDevice device) {
    this.device = device;
  }

  @Override
  public Storage allocate(long bytes) {
    return new Block(device, device.allocate(bytes), bytes);
  }

  @Override
  public String device() {
    return "cuda";
  }

  /**
   * Where a tensor of this backend starts; fails for a dead tensor and for one of another backend.
   */
  static long addressOf(Tensor tensor) {
    return blockOf(tensor).address + tensor.byteOffset();
  }

  /** The integers of an I32 tensor: not to be changed by who gets them. */
  static int[] integers(Tensor tensor) {
    return blockOf(tensor).integers(tensor.byteOffset(), Math.toIntExact(tensor.elements()));
  }

  /** Says that a kernel writes the tensor, so that remembered integers are forgotten. */
  static void written(Tensor tensor) {
    blockOf(tensor).forget(tensor.byteOffset(), tensor.bytes());
  }

  private static Block blockOf(Tensor tensor) {
    if (tensor.storage() instanceof Block block) {
      return block;
    }
    throw new IllegalArgumentException("tensor " + tensor + " does not lie in the GPU's memory");
  }

  private static final class Block implements Storage {
    private static final long MOST_REMEMBERED = 16 << 20;

    private final CudaDevice device;
    private final long address;
    private final long bytes;
    private final NavigableMap<Long, int[]> remembered = new TreeMap<>();
    private long rememberedIntegers;

    Block(CudaDevice device, long address, long bytes) {
      this.device = device;
      this.address = address;
      this.bytes = bytes;
    }

    synchronized int[] integers(long offset, int count) {
      int[] known = known(offset, count);
      if (known == null) {
        known = new int[count];
        read(offset, known);
        remember(offset, known);
      }
      return known;
    }

    /** What is remembered of exactly these; null if nothing is. */
    private synchronized int[] known(long offset, int count) {
      int[] known = remembered.get(offset);
      return known != null && known.length == count ? known : null;
    }

    private synchronized void remember(long offset, int[] values) {
      forget(offset, 4L * values.length);
      if (rememberedIntegers + values.length > MOST_REMEMBERED) {
        remembered.clear();
        rememberedIntegers = 0;
      }
      remembered.put(offset, values);
      rememberedIntegers += values.length;
    }

    synchronized void forget(long offset, long count) {
      Map.Entry<Long, int[]> last = remembered.lowerEntry(offset + count);
      while (last != null && last.getKey() + 4L * last.getValue().length > offset) {
        remembered.remove(last.getKey());
        rememberedIntegers -= last.getValue().length;
        last = remembered.lowerEntry(offset + count);
      }
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void zero(long offset, long count) {
      forget(offset, count);
      device.zero(at(offset, count), count);
    }

    @Override
    public void read(long offset, float[] to) {
      device.transfers().read(at(offset, 4L * to.length), to);
    }

    @Override
    public void read(long offset, double[] to) {
      device.transfers().read(at(offset, 8L * to.length), to);
    }

    @Override
    public void read(long offset, int[] to) {
      int[] known = known(offset, to.length);
      if (known == null) {
        device.transfers().read(at(offset, 4L * to.length), to);
      } else {
        System.arraycopy(known, 0, to, 0, to.length);
      }
    }

    @Override
    public void read(long offset, ByteBuffer to) {
      device.transfers().read(at(offset, to.remaining()), to);
    }

    @Override
    public Supplier<ByteBuffer> readLater(long offset, int count) {
      return device.transfers().readLater(at(offset, count), count);
    }

    @Override
    public void write(long offset, float[] from) {
      forget(offset, 4L * from.length);
      device.transfers().write(from, at(offset, 4L * from.length));
    }

    @Override
    public void write(long offset, double[] from) {
      forget(offset, 8L * from.length);
      device.transfers().write(from, at(offset, 8L * from.length));
    }

    @Override
    public void write(long offset, int[] from) {
      device.transfers().write(from, at(offset, 4L * from.length));
      remember(offset, from.clone());
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      forget(offset, from.remaining());
      device.transfers().write(from, at(offset, from.remaining()));
    }

    @Override
    public void free() {
      device.free(address);
    }

    private long at(long offset, long count) {
      Objects.checkFromIndexSize(offset, count, bytes);
      return address + offset;
    }
  }
}
