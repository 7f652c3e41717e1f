package io.batchwright.data.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a {@code tokenizer.json} says of itself, read without loading it.
 *
 * @param model the kind of its vocabulary: WordPiece, BPE, Unigram, WordLevel
 * @param greatestId the greatest token id, added tokens included; -1 where there is none
 * @param lowercases whether its normalizer turns letters into small ones
 */
public record TokenizerDescription(String model, int greatestId, boolean lowercases) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the text of a {@code tokenizer.json}.
   *
   * @throws BatchwrightException if it is not JSON
   */
  public static TokenizerDescription of(String json) {
    JsonNode root = read(json);
    return new TokenizerDescription(
        root.path("model").path("type").asText("WordPiece"),
        greatestId(root),
        lowercases(root.path("normalizer")));
  }

  /**
   * Checks that a table has a row for every id.
   *
   * @param table what it is called
   * @throws BatchwrightException if there are ids beyond its last row
   */
  public void requireRows(String table, int rows) {
    if (greatestId >= rows) {
      throw BatchwrightException.data(
          "the tokenizer has ids up to %d, the %s only %d rows".formatted(greatestId, table, rows));
    }
  }

  /**
   * The ids of its special tokens, by their text.
   *
   * @throws BatchwrightException if it is not JSON
   */
  public static SortedMap<String, Integer> specialTokens(String json) {
    SortedMap<String, Integer> special = new TreeMap<>();
    for (JsonNode added : read(json).path("added_tokens")) {
      if (added.path("special").asBoolean()) {
        special.put(added.path("content").asText(), added.path("id").asInt());
      }
    }
    return special;
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw BatchwrightException.data(
          "tokenizer.json is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static int greatestId(JsonNode root) {
    JsonNode vocabulary = root.path("model").path("vocab");
    // A Unigram vocabulary is an array of [piece, score]; an id is a place in it.
    int greatest = vocabulary.isArray() ? vocabulary.size() - 1 : -1;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        greatest = Math.max(greatest, id.asInt());
      }
    }
    for (JsonNode added : root.path("added_tokens")) {
      greatest = Math.max(greatest, added.path("id").asInt());
    }
    return greatest;
  }

  private static boolean lowercases(JsonNode normalizer) {
    return switch (normalizer.path("type").asText("")) {
      case "Lowercase" -> true;
      case "BertNormalizer" -> normalizer.path("lowercase").asBoolean(true);
      case "Sequence" -> {
        boolean any = false;
        for (JsonNode part : normalizer.path("normalizers")) {
          any |= lowercases(part);
        }
        yield any;
      }
      default -> false;
    };
  }
}
