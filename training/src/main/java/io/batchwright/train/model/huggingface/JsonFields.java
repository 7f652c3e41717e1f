package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.failure.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A JSON file whose fields are asked for by name; what is wrong with one names file and field. */
record JsonFields(Path file, JsonNode root) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Reads a file.
   *
   * @throws BatchwrightException with exit code 3 if it is missing or not JSON
   */
  static JsonFields read(Path file) {
    try {
      return new JsonFields(file, JSON.readTree(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      throw BatchwrightException.data(file + " is missing", e);
    } catch (JsonProcessingException e) {
      throw BatchwrightException.data(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw BatchwrightException.data(FileReason.of(file, e), e);
    }
  }

  int integer(String field) {
    JsonNode value = root.path(field);
    if (!value.isInt()) {
      throw refused("%s must be a whole number, got %s".formatted(field, shown(value)));
    }
    return value.asInt();
  }

  /** The field, or {@code otherwise} where it is absent or null. */
  int integer(String field, int otherwise) {
    return root.hasNonNull(field) ? integer(field) : otherwise;
  }

  double number(String field, double otherwise) {
    JsonNode value = root.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw refused("%s must be a number, got %s".formatted(field, value));
    }
    return value.asDouble();
  }

  String text(String field, String otherwise) {
    return root.hasNonNull(field) ? root.path(field).asText() : otherwise;
  }

  boolean flag(String field) {
    return flag(field, false);
  }

  /** The field, or {@code otherwise} where it is absent or null. */
  boolean flag(String field, boolean otherwise) {
    return root.hasNonNull(field) ? root.path(field).asBoolean(otherwise) : otherwise;
  }

  BatchwrightException refused(String reason) {
    return BatchwrightException.data(file + ": " + reason);
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }
}
