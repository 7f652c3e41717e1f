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

  /** The integers that were last written into a block by the host, by their offset. */
  private static final class Remembered {
    private static final long MOST = 16 << 20;

    private final NavigableMap<Long, int[]> arrays = new TreeMap<>();
    private long integers;

    /** What is remembered of exactly these; null if nothing is. */
    synchronized int[] at(long offset, int count) {
      int[] known = arrays.get(offset);
      return known != null && known.length == count ? known : null;
    }

    synchronized void remember(long offset, int[] values) {
      forget(offset, 4L * values.length);
      if (integers + values.length > MOST) {
        arrays.clear();
        integers = 0;
      }
      arrays.put(offset, values);
      integers += values.length;
    }

    synchronized void forget(long offset, long count) {
      Map.Entry<Long, int[]> last = arrays.lowerEntry(offset + count);
      while (last != null && last.getKey() + 4L * last.getValue().length > offset) {
        arrays.remove(last.getKey());
        integers -= last.getValue().length;
        last = arrays.lowerEntry(offset + count);
      }
    }
  }

  private static final class Block implements Storage {
    private final CudaDevice device;
    private final Transfers transfers;
    private final long address;
    private final long bytes;
    private final Remembered remembered;

    Block(CudaDevice device, long address, long bytes) {
      this(device, device.transfers(), address, bytes, new Remembered());
    }

    private Block(
        CudaDevice device, Transfers transfers, long address, long bytes, Remembered remembered) {
      this.device = device;
      this.transfers = transfers;
      this.address = address;
      this.bytes = bytes;
      this.remembered = remembered;
    }

    int[] integers(long offset, int count) {
      int[] known = remembered.at(offset, count);
      if (known == null) {
        known = new int[count];
        read(offset, known);
        remembered.remember(offset, known);
      }
      return known;
    }

    void forget(long offset, long count) {
      remembered.forget(offset, count);
    }

    @Override
    public Storage beside() {
      return new Block(device, transfers.beside(), address, bytes, remembered);
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
      transfers.read(at(offset, 4L * to.length), to);
    }

    @Override
    public void read(long offset, double[] to) {
      transfers.read(at(offset, 8L * to.length), to);
    }

    @Override
    public void read(long offset, int[] to) {
      int[] known = remembered.at(offset, to.length);
      if (known == null) {
        transfers.read(at(offset, 4L * to.length), to);
      } else {
        System.arraycopy(known, 0, to, 0, to.length);
      }
    }

    @Override
    public void read(long offset, ByteBuffer to) {
      transfers.read(at(offset, to.remaining()), to);
    }

    @Override
    public Supplier<ByteBuffer> readLater(long offset, int count) {
      return transfers.readLater(at(offset, count), count);
    }

    @Override
    public void write(long offset, float[] from) {
      forget(offset, 4L * from.length);
      transfers.write(from, at(offset, 4L * from.length));
    }

    @Override
    public void write(long offset, double[] from) {
      forget(offset, 8L * from.length);
      transfers.write(from, at(offset, 8L * from.length));
    }

    @Override
    public void write(long offset, int[] from) {
      transfers.write(from, at(offset, 4L * from.length));
      remembered.remember(offset, from.clone());
    }

    @Override
    public void write(long offset, ByteBuffer from) {
      forget(offset, from.remaining());
      transfers.write(from, at(offset, from.remaining()));
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
