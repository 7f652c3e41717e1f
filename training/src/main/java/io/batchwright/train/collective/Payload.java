package io.batchwright.train.collective;

import io.batchwright.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Data that a collective reads and writes piece by piece, wherever it lies. */
interface Payload {
  /** Its size. */
  long bytes();

  /** Puts the bytes from {@code offset} on into {@code target}, as many as it has room for. */
  void copyTo(long offset, ByteBuffer target);

  /** Replaces the bytes from {@code offset} on by those of {@code source}. */
  void copyFrom(long offset, ByteBuffer source);

  /** Whether {@link #view} shows its bytes where they lie. */
  default boolean isViewable() {
    return false;
  }

  /**
   * The bytes from {@code offset} on, as many as lie together, but at most {@code most}.
   *
   * @return a direct little-endian buffer
   */
  default ByteBuffer view(long offset, int most) {
    throw new IllegalStateException("these bytes can only be copied");
  }

  /** A tensor of any shape. */
  static Payload of(Tensor tensor) {
    return new TensorPayload(tensor);
  }

  /** An array of bytes. */
  static Payload of(byte[] values) {
    return new Bytes(values);
  }

  /** An array of ints. */
  static Payload of(int[] values) {
    return new Ints(values);
  }

  /** An array of longs. */
  static Payload of(long[] values) {
    return new Longs(values);
  }

  /** An array of doubles. */
  static Payload of(double[] values) {
    return new Doubles(values);
  }

  /** Several payloads, one after the other. */
  static Payload concatenation(List<Payload> parts) {
    return parts.size() == 1 ? parts.get(0) : new Concatenation(parts);
  }

  /** Copies {@code source} to {@code target}, which has the same size. */
  static void copy(Payload source, Payload target) {
    if (source.bytes() != target.bytes()) {
      throw new IllegalArgumentException(
          "cannot copy %d bytes to %d bytes".formatted(source.bytes(), target.bytes()));
    }
    copy(source, 0, target, 0, source.bytes());
  }

  /** Copies {@code bytes} from one place of {@code source} to one of {@code target}. */
  static void copy(Payload source, long from, Payload target, long to, long bytes) {
    int piece = (int) Math.min(bytes, 1 << 20);
    ByteBuffer buffer = ByteBuffer.allocateDirect(piece).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < bytes; done += piece) {
      buffer.clear().limit((int) Math.min(piece, bytes - done));
      source.copyTo(from + done, buffer);
      buffer.flip();
      target.copyFrom(to + done, buffer);
    }
  }

  /** A tensor, addressed as if it were flat. */
  record TensorPayload(Tensor tensor) implements Payload {
    @Override
    public long bytes() {
      return tensor.bytes();
    }

    @Override
    public void copyTo(long offset, ByteBuffer target) {
      if (target.hasRemaining()) {
        piece(offset, target.remaining()).copyTo(target.duplicate());
        target.position(target.limit());
      }
    }

    @Override
    public void copyFrom(long offset, ByteBuffer source) {
      if (source.hasRemaining()) {
        piece(offset, source.remaining()).copyFrom(source.duplicate());
        source.position(source.limit());
      }
    }

    @Override
    public boolean isViewable() {
      return tensor.view(0, 0).isPresent();
    }

    @Override
    public ByteBuffer view(long offset, int most) {
      return tensor.view(offset, (int) Math.min(most, bytes() - offset)).orElseThrow();
    }

    private Tensor piece(long offset, int length) {
      int size = tensor.dtype().bytes();
      int elements = Math.toIntExact(tensor.elements());
      int from = Math.toIntExact(offset / size);
      return tensor.reshape(elements).rows(from, from + length / size);
    }
  }

  /** A byte array. */
  record Bytes(byte[] values) implements Payload {
    @Override
    public long bytes() {
      return values.length;
    }

    @Override
    public void copyTo(long offset, ByteBuffer target) {
      target.put(values, (int) offset, target.remaining());
    }

    @Override
    public void copyFrom(long offset, ByteBuffer source) {
      source.get(values, (int) offset, source.remaining());
    }
  }

  /** An int array. */
  record Ints(int[] values) implements Payload {
    @Override
    public long bytes() {
      return (long) values.length * Integer.BYTES;
    }

    @Override
    public void copyTo(long offset, ByteBuffer target) {
      int count = target.remaining() / Integer.BYTES;
      target.asIntBuffer().put(values, (int) (offset / Integer.BYTES), count);
      target.position(target.position() + count * Integer.BYTES);
    }

    @Override
    public void copyFrom(long offset, ByteBuffer source) {
      int count = source.remaining() / Integer.BYTES;
      source.asIntBuffer().get(values, (int) (offset / Integer.BYTES), count);
      source.position(source.position() + count * Integer.BYTES);
    }
  }

  /** A long array. */
  record Longs(long[] values) implements Payload {
    @Override
    public long bytes() {
      return (long) values.length * Long.BYTES;
    }

    @Override
    public void copyTo(long offset, ByteBuffer target) {
      int count = target.remaining() / Long.BYTES;
      target.asLongBuffer().put(values, (int) (offset / Long.BYTES), count);
      target.position(target.position() + count * Long.BYTES);
    }

    @Override
    public void copyFrom(long offset, ByteBuffer source) {
      int count = source.remaining() / Long.BYTES;
      source.asLongBuffer().get(values, (int) (offset / Long.BYTES), count);
      source.position(source.position() + count * Long.BYTES);
    }
  }

  /** A double array. */
  record Doubles(double[] values) implements Payload {
    @Override
    public long bytes() {
      return (long) values.length * Double.BYTES;
    }

    @Override
    public void copyTo(long offset, ByteBuffer target) {
      int count = target.remaining() / Double.BYTES;
      target.asDoubleBuffer().put(values, (int) (offset / Double.BYTES), count);
      target.position(target.position() + count * Double.BYTES);
    }

    @Override
    public void copyFrom(long offset, ByteBuffer source) {
      int count = source.remaining() / Double.BYTES;
      source.asDoubleBuffer().get(values, (int) (offset / Double.BYTES), count);
      source.position(source.position() + count * Double.BYTES);
    }
  }

  /** Payloads one after the other. */
  record Concatenation(List<Payload> parts) implements Payload {
    @Override
    public long bytes() {
      return parts.stream().mapToLong(Payload::bytes).sum();
    }

    @Override
    public void copyTo(long offset, ByteBuffer target) {
      visit(offset, target, Payload::copyTo);
    }

    @Override
    public void copyFrom(long offset, ByteBuffer source) {
      visit(offset, source, Payload::copyFrom);
    }

    @Override
    public boolean isViewable() {
      return parts.stream().allMatch(Payload::isViewable);
    }

    @Override
    public ByteBuffer view(long offset, int most) {
      long start = 0;
      for (Payload part : parts) {
        if (offset < start + part.bytes()) {
          return part.view(offset - start, most);
        }
        start += part.bytes();
      }
      throw new IndexOutOfBoundsException("byte " + offset + " of " + start);
    }

    private void visit(long offset, ByteBuffer buffer, Copy copy) {
      int end = buffer.limit();
      long start = 0;
      for (Payload part : parts) {
        long from = offset - start;
        if (from < part.bytes() && buffer.position() < end) {
          long length = Math.min(part.bytes() - from, end - buffer.position());
          buffer.limit(buffer.position() + (int) length);
          copy.apply(part, from, buffer);
          offset += length;
        }
        start += part.bytes();
      }
      buffer.limit(end);
    }

    private interface Copy {
      void apply(Payload part, long offset, ByteBuffer buffer);
    }
  }
}
