package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares two JSON trees leaf by leaf. */
public final class ConfigDifferences {
  /** Stands for a key that one side does not have. */
  public static final String ABSENT = "(absent)";

  /**
   * One key whose value differs.
   *
   * @param key dotted, with positions of lists in brackets
   * @param left the first side's text, or {@link #ABSENT}
   * @param right the second side's text, or {@link #ABSENT}
   */
  public record Difference(String key, String left, String right) {}

  private ConfigDifferences() {}

  /** The leaves that differ, in the order of their keys. */
  public static List<Difference> between(JsonNode left, JsonNode right) {
    Map<String, String> here = leaves(left);
    Map<String, String> there = leaves(right);
    SortedSet<String> keys = new TreeSet<>(here.keySet());
    keys.addAll(there.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String key : keys) {
      String a = here.getOrDefault(key, ABSENT);
      String b = there.getOrDefault(key, ABSENT);
      if (!a.equals(b)) {
        differences.add(new Difference(key, a, b));
      }
    }
    return differences;
  }

  /** The texts of all leaves by key. */
  public static Map<String, String> leaves(JsonNode json) {
    Map<String, String> leaves = new TreeMap<>();
    collect("", json, leaves);
    return leaves;
  }

  private static void collect(String key, JsonNode json, Map<String, String> leaves) {
    if (json.isObject()) {
      json.properties()
          .forEach(
              entry ->
                  collect(
                      key.isEmpty() ? entry.getKey() : key + "." + entry.getKey(),
                      entry.getValue(),
                      leaves));
    } else if (json.isArray() && !json.isEmpty()) {
      for (int i = 0; i < json.size(); i++) {
        collect(key + "[" + i + "]", json.get(i), leaves);
      }
    } else if (!json.isMissingNode()) {
      leaves.put(key, json.isTextual() ? json.asText() : json.toString());
    }
  }
}
