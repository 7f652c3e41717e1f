package io.batchwright.train.checkpoint;

import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a tensor of any size, piece by piece through a host buffer. */
final class TensorBytes {
  private static final int PIECE_BYTES = 1 << 20;

  /** Takes the next bytes. */
  interface Sink {
    void accept(byte[] buffer, int length) throws IOException;
  }

  /** Gives the next bytes; fills all of {@code length}. */
  interface Source {
    void fill(byte[] buffer, int length) throws IOException;
  }

  private TensorBytes() {}

  /** Passes all bytes of {@code tensor} to {@code sink}, in order. */
  static void read(Tensor tensor, Sink sink) throws IOException {
    read(tensor, 0, tensor.bytes(), sink);
  }

  /**
   * Passes the bytes {@code from} (included) to {@code to} (excluded) of {@code tensor} to {@code
   * sink}, in order; both are multiples of an element's size.
   */
  static void read(Tensor tensor, long from, long to, Sink sink) throws IOException {
    byte[] buffer = new byte[(int) Math.min(PIECE_BYTES, to - from)];
    Tensor flat = tensor.reshape(Math.toIntExact(tensor.elements()));
    int size = tensor.dtype().bytes();
    for (long at = from; at < to; at += buffer.length) {
      int length = (int) Math.min(buffer.length, to - at);
      piece(flat, at, length, size).copyTo(ByteBuffer.wrap(buffer, 0, length));
      sink.accept(buffer, length);
    }
  }

  /** Overwrites {@code tensor} by what {@code source} gives. */
  static void write(Tensor tensor, Source source) throws IOException {
    byte[] buffer = new byte[(int) Math.min(PIECE_BYTES, tensor.bytes())];
    Tensor flat = tensor.reshape(Math.toIntExact(tensor.elements()));
    int size = tensor.dtype().bytes();
    for (long at = 0; at < tensor.bytes(); at += buffer.length) {
      int length = (int) Math.min(buffer.length, tensor.bytes() - at);
      source.fill(buffer, length);
      piece(flat, at, length, size).copyFrom(ByteBuffer.wrap(buffer, 0, length));
    }
  }

  private static Tensor piece(Tensor flat, long at, int length, int elementBytes) {
    int from = Math.toIntExact(at / elementBytes);
    return flat.rows(from, from + length / elementBytes);
  }
}
