package io.batchwright.data.dedup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The stored form of a {@link SignatureScheme}, with the versions of all its parts: what an index
 * or manifest keeps beside its keys, and is compared with before they are.
 *
 * <pre>{@code
 * {"name": "OnePermutationHash", "version": 1,
 *  "shingles": {"version": 2, "unit": "WORDS", "size": 5,
 *    "normalization": {"version": 1, "form": "NFC", "foldCase": false,
 *      "ignorePunctuation": false, "foldDigits": false, "unicode": "16.0"}},
 *  "permutations": 128, "seed": 1}
 * }</pre>
 */
public final class SchemeJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SchemeJson() {}

  /** {@code scheme} as one line of JSON. */
  public static String write(SignatureScheme scheme) {
    try {
      return JSON.writerFor(SignatureScheme.class).writeValueAsString(scheme);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The scheme that {@link #write} wrote.
   *
   * @throws BatchwrightException if it is none, or of a version that this release cannot compute
   */
  public static SignatureScheme read(String json) {
    try {
      return JSON.readValue(json, SignatureScheme.class);
    } catch (JsonProcessingException e) {
      String reason = e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage();
      throw BatchwrightException.data("Not a stored signature scheme: " + reason, e);
    }
  }

  /**
   * What differs between two stored forms, one line each, such as {@code shingles.unit: WORDS in
   * the index, CHARACTERS asked}; none if their signatures can be compared. Any JSON objects can be
   * compared, such as a manifest that holds a scheme.
   *
   * @param stored JSON that stands in {@code place}
   * @param asked JSON of what is asked for now
   * @param place what holds {@code stored}, such as "index"
   */
  public static List<String> differences(String stored, String asked, String place) {
    List<String> differences = new ArrayList<>();
    try {
      compare("", JSON.readTree(stored), JSON.readTree(asked), place, differences);
    } catch (JsonProcessingException e) {
      throw BatchwrightException.data("Not JSON: " + e.getOriginalMessage(), e);
    }
    return differences;
  }

  private static void compare(
      String path, JsonNode stored, JsonNode asked, String place, List<String> differences) {
    if (stored.isObject() && asked.isObject()) {
      Set<String> names = new LinkedHashSet<>();
      asked.fieldNames().forEachRemaining(names::add);
      stored.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        String inner = path.isEmpty() ? name : path + "." + name;
        compare(inner, stored.path(name), asked.path(name), place, differences);
      }
    } else if (!stored.equals(asked)) {
      differences.add(
          "%s: %s in the %s, %s asked".formatted(path, value(stored), place, value(asked)));
    }
  }

  private static String value(JsonNode node) {
    return node.isMissingNode() ? "none" : node.isValueNode() ? node.asText() : node.toString();
  }

  static void checkVersion(String name, int version, int computed) {
    Check.that(
        version == computed,
        name + ".version",
        "must be %d, the one that this release computes, got %d".formatted(computed, version));
  }
}
