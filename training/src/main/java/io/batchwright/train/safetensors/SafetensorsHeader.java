package io.batchwright.train.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The checked header of a safetensors file.
 *
 * @param metadata the free-form texts under {@code __metadata__}
 * @param tensors by name, in the order of their bytes
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> tensors) {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** One tensor; {@code begin} and {@code end} count from the end of the header. */
  record Entry(SafetensorsType type, long[] shape, long begin, long end) {
    long elements() {
      return (end - begin) / type.bytes();
    }
  }

  /**
   * Parses and checks.
   *
   * @param file named in messages
   * @param dataBytes bytes of the file after the header
   * @throws IOException with file, tensor and reason
   */
  static SafetensorsHeader parse(String file, byte[] header, long dataBytes) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(header);
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": header is not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (root == null || !root.isObject()) {
      throw new IOException(file + ": header is not a JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Map.Entry<String, Entry>> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals("__metadata__")) {
        for (Map.Entry<String, JsonNode> text : field.getValue().properties()) {
          metadata.put(text.getKey(), text.getValue().asText());
        }
      } else {
        entries.add(Map.entry(field.getKey(), entry(file, field.getKey(), field.getValue())));
      }
    }
    entries.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    requireContiguous(file, entries, dataBytes);
    Map<String, Entry> tensors = new LinkedHashMap<>();
    entries.forEach(entry -> tensors.put(entry.getKey(), entry.getValue()));
    return new SafetensorsHeader(metadata, tensors);
  }

  private static Entry entry(String file, String name, JsonNode node) throws IOException {
    String dtype = node.path("dtype").asText("");
    SafetensorsType type =
        Arrays.stream(SafetensorsType.values())
            .filter(known -> known.name().equals(dtype))
            .findFirst()
            .orElseThrow(() -> refused(file, name, "unknown dtype '" + dtype + "'"));
    long[] shape = numbers(file, name, node, "shape");
    long[] offsets = numbers(file, name, node, "data_offsets");
    if (offsets.length != 2 || offsets[1] < offsets[0]) {
      throw refused(
          file, name, "data_offsets must be [begin, end], got " + Arrays.toString(offsets));
    }
    long bytes = type.bytes();
    try {
      for (long dim : shape) {
        bytes = Math.multiplyExact(bytes, dim);
      }
    } catch (ArithmeticException e) {
      throw refused(file, name, "shape " + Arrays.toString(shape) + " overflows");
    }
    if (bytes != offsets[1] - offsets[0]) {
      throw refused(
          file,
          name,
          "shape %s of %s takes %d bytes, data_offsets give %d"
              .formatted(Arrays.toString(shape), type, bytes, offsets[1] - offsets[0]));
    }
    return new Entry(type, shape, offsets[0], offsets[1]);
  }

  private static long[] numbers(String file, String name, JsonNode node, String field)
      throws IOException {
    JsonNode array = node.path(field);
    if (!array.isArray()) {
      throw refused(file, name, field + " is missing");
    }
    long[] numbers = new long[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode number = array.get(i);
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
        throw refused(file, name, field + " has an entry that is not a count: " + number);
      }
      numbers[i] = number.asLong();
    }
    return numbers;
  }

  private static void requireContiguous(
      String file, List<Map.Entry<String, Entry>> sorted, long dataBytes) throws IOException {
    long covered = 0;
    for (Map.Entry<String, Entry> tensor : sorted) {
      Entry entry = tensor.getValue();
      if (entry.begin() < covered) {
        throw refused(
            file,
            tensor.getKey(),
            "overlaps its predecessor by " + (covered - entry.begin()) + " bytes");
      }
      if (entry.begin() > covered) {
        throw refused(
            file,
            tensor.getKey(),
            "leaves a gap of " + (entry.begin() - covered) + " bytes before it");
      }
      if (entry.end() > dataBytes) {
        throw refused(
            file,
            tensor.getKey(),
            "ends at byte %d of the data, but the file has %d: truncated"
                .formatted(entry.end(), dataBytes));
      }
      covered = entry.end();
    }
    if (covered < dataBytes) {
      throw new IOException(
          "%s: %d bytes after the last tensor".formatted(file, dataBytes - covered));
    }
  }

  private static IOException refused(String file, String tensor, String reason) {
    return new IOException("%s: tensor %s: %s".formatted(file, tensor, reason));
  }
}
