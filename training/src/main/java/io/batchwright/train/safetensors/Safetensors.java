package io.batchwright.train.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;

/**
 * Reads tensors from one safetensors file.
 *
 * <pre>
 * bytes 0..7   header length N, little-endian
 * bytes 8..    N bytes of JSON, padded with spaces: {name: {dtype, shape, data_offsets}, ...}
 * bytes 8+N..  the tensors, little-endian, row by row, without gaps
 * </pre>
 *
 * <p>Opening reads and checks the header alone. Tensors are streamed, never mapped, so a file may
 * be replaced or deleted while it is read on any platform.
 */
public final class Safetensors implements AutoCloseable {
  /** What the reference reader allows. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final SafetensorsHeader header;

  private Safetensors(Path file, FileChannel channel, long dataStart, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.dataStart = dataStart;
    this.header = header;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if the header is wrong, a tensor has an unknown dtype, offsets overlap or
   *     leave gaps, or the file is truncated; the message names file, tensor and reason
   */
  public static Safetensors open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      long size = channel.size();
      if (size < Long.BYTES) {
        throw new IOException(file + ": truncated: no header length in " + size + " bytes");
      }
      long length = fill(file, channel, 0, ByteBuffer.allocate(Long.BYTES)).getLong();
      if (length < 2 || length > MAX_HEADER_BYTES) {
        throw new IOException(
            file + ": header length %d is not in [2, %d]".formatted(length, MAX_HEADER_BYTES));
      }
      if (Long.BYTES + length > size) {
        throw new IOException(
            file + ": truncated: header of %d bytes in a file of %d".formatted(length, size));
      }
      byte[] json = fill(file, channel, Long.BYTES, ByteBuffer.allocate((int) length)).array();
      long dataStart = Long.BYTES + length;
      return new Safetensors(
          file,
          channel,
          dataStart,
          SafetensorsHeader.parse(file.toString(), json, size - dataStart));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  public Set<String> names() {
    return header.tensors().keySet();
  }

  public Map<String, String> metadata() {
    return header.metadata();
  }

  public long[] shape(String tensor) throws IOException {
    return entry(tensor).shape().clone();
  }

  public SafetensorsType type(String tensor) throws IOException {
    return entry(tensor).type();
  }

  /**
   * Reads rows of a matrix as floats, widening F16 and BF16 and rounding F64.
   *
   * @return [shape[0]][shape[1]]
   */
  public float[][] readRows(String tensor) throws IOException {
    SafetensorsHeader.Entry entry = entry(tensor);
    if (entry.shape().length != 2
        || entry.shape()[0] > Integer.MAX_VALUE - 8
        || entry.shape()[1] > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: tensor %s is not a matrix that fits in memory".formatted(file, tensor));
    }
    int rows = (int) entry.shape()[0];
    int columns = (int) entry.shape()[1];
    float[][] matrix = new float[rows][columns];
    Floats source = new Floats(tensor, entry);
    for (float[] row : matrix) {
      source.next(row);
    }
    return matrix;
  }

  /** A tensor as it stands in this file, which must stay open while it is written elsewhere. */
  public StoredTensor stored(String tensor) throws IOException {
    return new StoredTensor(channel, dataStart, entry(tensor));
  }

  /** Reads all elements as floats, row by row. */
  public float[] readFloats(String tensor) throws IOException {
    SafetensorsHeader.Entry entry = entry(tensor);
    if (entry.elements() > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: tensor %s has %d elements, too many for one array"
              .formatted(file, tensor, entry.elements()));
    }
    float[] values = new float[(int) entry.elements()];
    new Floats(tensor, entry).next(values);
    return values;
  }

  /**
   * Checks values that were read.
   *
   * @param first the place in the tensor of the first of them, row by row
   * @throws IOException if one is not finite; the message names file, tensor, value and place
   */
  public void requireFinite(String tensor, float[] values, long first) throws IOException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IOException(
            "%s: tensor %s has the value %s at place %d"
                .formatted(file, tensor, values[i], first + i));
      }
    }
  }

  private SafetensorsHeader.Entry entry(String tensor) throws IOException {
    SafetensorsHeader.Entry entry = header.tensors().get(tensor);
    if (entry == null) {
      throw new IOException("%s: no tensor named %s, only %s".formatted(file, tensor, names()));
    }
    return entry;
  }

  private static ByteBuffer fill(Path file, FileChannel channel, long from, ByteBuffer into)
      throws IOException {
    into.order(ByteOrder.LITTLE_ENDIAN);
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new EOFException(file + ": truncated while it was read");
      }
    }
    return into.flip();
  }

  /** Decodes one tensor's elements in order, a chunk of bytes at a time. */
  private final class Floats {
    private final SafetensorsType type;
    private final long end;
    private long position;
    private ByteBuffer chunk = ByteBuffer.allocate(0);

    Floats(String tensor, SafetensorsHeader.Entry entry) throws IOException {
      this.type = entry.type();
      this.position = dataStart + entry.begin();
      this.end = dataStart + entry.end();
      switch (type) {
        case F32, F64, F16, BF16 -> {}
        default ->
            throw new IOException(
                "%s: tensor %s of %s cannot be read as floats".formatted(file, tensor, type));
      }
    }

    void next(float[] values) throws IOException {
      for (int i = 0; i < values.length; i++) {
        if (!chunk.hasRemaining()) {
          int size = (int) Math.min(CHUNK_BYTES, end - position);
          chunk = fill(file, channel, position, ByteBuffer.allocate(size));
          position += size;
        }
        values[i] =
            switch (type) {
              case F32 -> chunk.getFloat();
              case F64 -> (float) chunk.getDouble();
              case BF16 -> Float.intBitsToFloat(chunk.getShort() << 16);
              default -> half(chunk.getShort());
            };
      }
    }
  }

  /** IEEE 754 binary16; {@code Float.float16ToFloat} came with Java 20. */
  static float half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude;
    if (exponent == 0) {
      magnitude = fraction * 0x1p-24f;
    } else {
      int widened = exponent == 31 ? 255 : exponent - 15 + 127;
      magnitude = Float.intBitsToFloat(widened << 23 | fraction << 13);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
