package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What stages leave for the report in their markers, as records. */
final class Details {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Details() {}

  static JsonNode of(Record details) {
    return JSON.valueToTree(details);
  }

  static <T extends Record> T read(JsonNode details, Class<T> type) {
    try {
      return JSON.treeToValue(details, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stage marker does not hold a " + type.getSimpleName(), e);
    }
  }
}
