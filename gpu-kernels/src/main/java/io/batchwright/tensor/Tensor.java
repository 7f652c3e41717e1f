package io.batchwright.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * A dense, contiguous, row-major array of numbers in the memory of one backend, owned by an {@link
 * Arena}. A view shares its memory. There is no address here: the host reads and writes by copies.
 * Every access after the arena was reset or closed fails with {@link IllegalStateException} and the
 * tensor's label.
 */
public final class Tensor {
  private final Arena owner;
  private final int generation;
  private final Storage storage;
  private final long byteOffset;
  private final DType dtype;
  private final Shape shape;
  private final String label;

  Tensor(Arena owner, Storage storage, long byteOffset, DType dtype, Shape shape, String label) {
    this.owner = owner;
    this.generation = owner.generation();
    this.storage = storage;
    this.byteOffset = byteOffset;
    this.dtype = dtype;
    this.shape = shape;
    this.label = label;
  }

  private Tensor(Tensor of, Storage storage, long byteOffset, Shape shape) {
    this.owner = of.owner;
    this.generation = of.generation;
    this.storage = storage;
    this.byteOffset = byteOffset;
    this.dtype = of.dtype;
    this.shape = shape;
    this.label = of.label;
  }

  public Shape shape() {
    return shape;
  }

  public DType dtype() {
    return dtype;
  }

  /** The name given at allocation; views keep it. */
  public String label() {
    return label;
  }

  public long elements() {
    return shape.elements();
  }

  public long bytes() {
    return elements() * dtype.bytes();
  }

  /** Whether the arena still holds this tensor's memory. */
  public boolean isLive() {
    return owner.generation() == generation;
  }

  /**
   * A view of the rows {@code from} (included) to {@code to} (excluded) of dim 0.
   *
   * @return [to - from, ...], sharing memory
   */
  public Tensor rows(int from, int to) {
    requireLive();
    if (shape.rank() == 0 || from < 0 || to < from || to > shape.dim(0)) {
      throw new IllegalArgumentException("rows " + from + " to " + to + " do not exist in " + this);
    }
    Shape view = shape.with(0, to - from);
    long rowBytes = shape.dim(0) == 0 ? 0 : bytes() / shape.dim(0);
    return new Tensor(this, storage, byteOffset + from * rowBytes, view);
  }

  /** A view of the same elements in the same order under another shape. */
  public Tensor reshape(int... dims) {
    return reshape(new Shape(dims));
  }

  /** A view of the same elements in the same order under another shape. */
  public Tensor reshape(Shape as) {
    requireLive();
    if (as.elements() != elements()) {
      throw new IllegalArgumentException("cannot see " + this + " as " + as);
    }
    return new Tensor(this, storage, byteOffset, as);
  }

  /**
   * A view for a thread that moves this tensor's bytes while a device goes on with other work. Its
   * reads see what was handed over before this call and wait for nothing that came later; what is
   * handed over after one of its writes sees the write. Until the thread is done, nothing that is
   * handed over may touch the tensor.
   */
  public Tensor beside() {
    requireLive();
    Storage other = storage.beside();
    return other == storage ? this : new Tensor(this, other, byteOffset, shape);
  }

  /** The only element of a tensor with one element. */
  public double scalar() {
    if (elements() != 1) {
      throw new IllegalArgumentException(this + " has not exactly one element");
    }
    return toDoubles()[0];
  }

  /**
   * The only element as it is now in the order of work; who asks for it later does not hold up a
   * device that has more to do.
   */
  public DoubleSupplier scalarLater() {
    if (elements() != 1 || dtype != DType.F32 && dtype != DType.F64) {
      throw new IllegalArgumentException(this + " is not exactly one F32 or F64");
    }
    requireLive();
    Supplier<ByteBuffer> bytes = storage.readLater(byteOffset, dtype.bytes());
    return dtype == DType.F32 ? () -> bytes.get().getFloat(0) : () -> bytes.get().getDouble(0);
  }

  /** A copy of all elements; F64 is rounded, BF16 widened, I32 refused. */
  public float[] toFloats() {
    float[] to = new float[hostLength()];
    copyTo(to);
    return to;
  }

  /** A copy of all elements, whatever the type. */
  public double[] toDoubles() {
    double[] to = new double[hostLength()];
    requireLive();
    switch (dtype) {
      case F64 -> storage.read(byteOffset, to);
      case I32 -> {
        int[] ints = toInts();
        for (int i = 0; i < to.length; i++) {
          to[i] = ints[i];
        }
      }
      default -> {
        float[] floats = toFloats();
        for (int i = 0; i < to.length; i++) {
          to[i] = floats[i];
        }
      }
    }
    return to;
  }

  /** A copy of all elements of an I32 tensor. */
  public int[] toInts() {
    require(DType.I32);
    int[] to = new int[hostLength()];
    storage.read(byteOffset, to);
    return to;
  }

  /** Fills the array, which must be as long as the tensor; types as in {@link #toFloats}. */
  public void copyTo(float[] to) {
    requireLength(to.length);
    switch (dtype) {
      case F32 -> storage.read(byteOffset, to);
      case F64 -> {
        double[] doubles = toDoubles();
        for (int i = 0; i < to.length; i++) {
          to[i] = (float) doubles[i];
        }
      }
      case BF16 -> {
        ByteBuffer raw = ByteBuffer.allocate(to.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        copyTo(raw);
        for (int i = 0; i < to.length; i++) {
          to[i] = Float.intBitsToFloat(raw.getShort(2 * i) << 16);
        }
      }
      default -> throw new IllegalArgumentException(this + " does not hold floating-point numbers");
    }
  }

  /** Copies the raw little-endian bytes; the buffer must have exactly that many remaining. */
  public void copyTo(ByteBuffer to) {
    requireBytes(to.remaining());
    storage.read(byteOffset, to);
  }

  /** Overwrites all elements of an F32 or F64 tensor. */
  public void copyFrom(float[] from) {
    requireLength(from.length);
    if (dtype == DType.F64) {
      double[] doubles = new double[from.length];
      for (int i = 0; i < from.length; i++) {
        doubles[i] = from[i];
      }
      storage.write(byteOffset, doubles);
    } else {
      require(DType.F32);
      storage.write(byteOffset, from);
    }
  }

  /** Overwrites all elements of an F64 or, rounding, an F32 tensor. */
  public void copyFrom(double[] from) {
    requireLength(from.length);
    if (dtype == DType.F32) {
      float[] floats = new float[from.length];
      for (int i = 0; i < from.length; i++) {
        floats[i] = (float) from[i];
      }
      storage.write(byteOffset, floats);
    } else {
      require(DType.F64);
      storage.write(byteOffset, from);
    }
  }

  /** Overwrites all elements of an I32 tensor. */
  public void copyFrom(int[] from) {
    require(DType.I32);
    requireLength(from.length);
    storage.write(byteOffset, from);
  }

  /** Overwrites the tensor with raw little-endian bytes; exactly that many must remain. */
  public void copyFrom(ByteBuffer from) {
    requireBytes(from.remaining());
    storage.write(byteOffset, from);
  }

  /**
   * The tensor's own bytes from {@code from} on, where the host can see them: for what moves bytes
   * in bulk, as collectives do. Everybody else copies.
   *
   * @param from in bytes
   * @param count at most 2 GiB
   * @return a direct little-endian buffer that must not outlive the arena's next reset, or nothing
   */
  public Optional<ByteBuffer> view(long from, int count) {
    requireLive();
    Objects.checkFromIndexSize(from, count, bytes());
    return storage.view(byteOffset + from, count);
  }

  /** The block this tensor lies in: for backends. */
  public Storage storage() {
    requireLive();
    return storage;
  }

  /** Where in {@link #storage()} this tensor starts: for backends. */
  public long byteOffset() {
    return byteOffset;
  }

  void zero() {
    storage.zero(byteOffset, bytes());
  }

  private void requireLive() {
    if (!isLive()) {
      throw new IllegalStateException(
          "tensor "
              + this
              + " was used after its arena '"
              + owner.label()
              + "' was reset or closed");
    }
  }

  private void require(DType wanted) {
    requireLive();
    if (dtype != wanted) {
      throw new IllegalArgumentException(this + " is not " + wanted);
    }
  }

  private void requireLength(long length) {
    requireLive();
    if (length != elements()) {
      throw new IllegalArgumentException(
          this + " has " + elements() + " elements, the array has " + length);
    }
  }

  private void requireBytes(long count) {
    requireLive();
    if (count != bytes()) {
      throw new IllegalArgumentException(
          this + " has " + bytes() + " bytes, the buffer has " + count + " remaining");
    }
  }

  private int hostLength() {
    requireLive();
    if (elements() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          this + " does not fit a Java array: copy views of its rows");
    }
    return (int) elements();
  }

  /** As in {@code 'scores' F32 [3, 4]}. */
  @Override
  public String toString() {
    return "'" + label + "' " + dtype + " " + shape;
  }
}
