package io.batchwright.train.export;

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
 * Writes F32 tensors as a safetensors file.
 *
 * <p>The header is padded with spaces so that the data starts at a multiple of 8, and tensors stand
 * in the order of their names: equal input gives equal bytes.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK_FLOATS = 1 << 18;

  private SafetensorsWriter() {}

  /** One tensor: its values row by row. */
  public record Floats(int[] shape, float[] values) {
    public Floats {
      long elements = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
      if (elements != values.length) {
        throw new IllegalArgumentException(
            "shape %s takes %d values, got %d"
                .formatted(Arrays.toString(shape), elements, values.length));
      }
    }
  }

  /**
   * Writes a new file.
   *
   * @param metadata free-form texts, readable without the tensors
   */
  public static void write(Path file, Map<String, String> metadata, Map<String, Floats> tensors)
      throws IOException {
    Map<String, Floats> sorted = new TreeMap<>(tensors);
    byte[] header = header(metadata, sorted);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer start = buffer(Long.BYTES + header.length);
      writeAll(channel, start.putLong(header.length).put(header).flip());
      for (Floats tensor : sorted.values()) {
        writeValues(channel, tensor.values());
      }
      channel.force(true);
    }
  }

  private static byte[] header(Map<String, String> metadata, Map<String, Floats> tensors)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(texts::put);
    }
    long offset = 0;
    for (Map.Entry<String, Floats> tensor : tensors.entrySet()) {
      ObjectNode entry = root.putObject(tensor.getKey());
      entry.put("dtype", SafetensorsType.F32.name());
      Arrays.stream(tensor.getValue().shape()).forEach(entry.putArray("shape")::add);
      long end = offset + (long) tensor.getValue().values().length * Float.BYTES;
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String text = json.writeValueAsString(root);
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    int padding = Math.floorMod(-(Long.BYTES + bytes), ALIGNMENT);
    return (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
  }

  private static void writeValues(FileChannel channel, float[] values) throws IOException {
    ByteBuffer chunk = buffer(Math.min(CHUNK_FLOATS, Math.max(1, values.length)) * Float.BYTES);
    for (int from = 0; from < values.length; from += CHUNK_FLOATS) {
      int count = Math.min(CHUNK_FLOATS, values.length - from);
      chunk.clear();
      chunk.asFloatBuffer().put(values, from, count);
      writeAll(channel, chunk.limit(count * Float.BYTES));
    }
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
