package io.batchwright.train.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes tensors as a safetensors file.
 *
 * <p>The header is padded with spaces so that the data starts at a multiple of 8, and tensors stand
 * in the order of their names: equal input gives equal bytes.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK_FLOATS = 1 << 18;

  private SafetensorsWriter() {}

  /** What a tensor of the file holds. */
  public sealed interface Values permits Floats, StoredTensor {
    SafetensorsType type();

    long[] shape();

    /** Appends the elements, row by row and little-endian. */
    void write(FileChannel target) throws IOException;
  }

  /** F32 values, row by row. */
  public record Floats(int[] dims, float[] values) implements Values {
    public Floats {
      long elements = Arrays.stream(dims).asLongStream().reduce(1, Math::multiplyExact);
      if (elements != values.length) {
        throw new IllegalArgumentException(
            "shape %s takes %d values, got %d"
                .formatted(Arrays.toString(dims), elements, values.length));
      }
    }

    @Override
    public SafetensorsType type() {
      return SafetensorsType.F32;
    }

    @Override
    public long[] shape() {
      return Arrays.stream(dims).asLongStream().toArray();
    }

    @Override
    public void write(FileChannel target) throws IOException {
      ByteBuffer chunk = buffer(Math.min(CHUNK_FLOATS, Math.max(1, values.length)) * Float.BYTES);
      for (int from = 0; from < values.length; from += CHUNK_FLOATS) {
        int count = Math.min(CHUNK_FLOATS, values.length - from);
        chunk.clear();
        chunk.asFloatBuffer().put(values, from, count);
        writeAll(target, chunk.limit(count * Float.BYTES));
      }
    }
  }

  /**
   * Writes a new file.
   *
   * @param metadata free-form texts, readable without the tensors
   */
  public static void write(
      Path file, Map<String, String> metadata, Map<String, ? extends Values> tensors)
      throws IOException {
    Map<String, Values> sorted = new TreeMap<>(tensors);
    byte[] header = header(metadata, sorted);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer start = buffer(Long.BYTES + header.length);
      writeAll(channel, start.putLong(header.length).put(header).flip());
      for (Values tensor : sorted.values()) {
        tensor.write(channel);
      }
      channel.force(true);
    }
  }

  private static byte[] header(Map<String, String> metadata, Map<String, Values> tensors)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(texts::put);
    }
    long offset = 0;
    for (Map.Entry<String, Values> tensor : tensors.entrySet()) {
      ObjectNode entry = root.putObject(tensor.getKey());
      Values values = tensor.getValue();
      entry.put("dtype", values.type().name());
      Arrays.stream(values.shape()).forEach(entry.putArray("shape")::add);
      long elements = Arrays.stream(values.shape()).reduce(1, Math::multiplyExact);
      long end = offset + Math.multiplyExact(elements, values.type().bytes());
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String text = json.writeValueAsString(root);
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    int padding = Math.floorMod(-(Long.BYTES + bytes), ALIGNMENT);
    return (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
