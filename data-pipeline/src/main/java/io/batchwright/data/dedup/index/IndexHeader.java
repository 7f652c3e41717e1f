package io.batchwright.data.dedup.index;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.dedup.CompactShingles;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Deduplicator;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.Mode;
import io.batchwright.data.dedup.Scope;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the entries of an index were made with: every parameter of its deduplicators, the scope, and
 * the versions of the algorithms. Entries of two headers must not be compared, so an index is
 * opened with its own parameters or not at all.
 *
 * @param values each parameter by its name, such as {@code MinHashLsh.threshold}
 */
public record IndexHeader(SortedMap<String, String> values) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public IndexHeader {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /**
   * The header of an index that {@code recipe} makes.
   *
   * @throws BatchwrightException with exit code 2 where such a recipe cannot be indexed: without
   *     {@link ExactHash}, with more than one {@link MinHashLsh}, with unverified pairs, or with
   *     components, whose chains an index cannot undo
   */
  public static IndexHeader of(Deduplicate recipe) {
    requireIndexable(recipe);
    SortedMap<String, String> values = new TreeMap<>();
    values.put("scope", recipe.scope().name());
    values.put("versions.entries", Integer.toString(IndexEntries.VERSION));
    values.put("versions.compactShingles", Integer.toString(CompactShingles.VERSION));
    values.put("versions.shingles", Integer.toString(Shingles.VERSION));
    for (Deduplicator deduplicator : recipe.deduplicators()) {
      flatten(deduplicator.getClass().getSimpleName(), JSON.valueToTree(deduplicator), values);
      if (deduplicator instanceof MinHashLsh lsh) {
        values.put("versions.signature", Integer.toString(lsh.scheme().version()));
        flatten("normalization", JSON.valueToTree(lsh.shingles().normalization()), values);
      }
    }
    return new IndexHeader(values);
  }

  private static void requireIndexable(Deduplicate recipe) {
    List<String> problems = new ArrayList<>();
    long exact = recipe.deduplicators().stream().filter(ExactHash.class::isInstance).count();
    long near = recipe.deduplicators().stream().filter(MinHashLsh.class::isInstance).count();
    if (exact != 1 || exact + near != recipe.deduplicators().size() || near > 1) {
      problems.add(
          "deduplicate.deduplicators must be ExactHash, and at most one MinHashLsh after it");
    }
    if (recipe.scope() == Scope.PER_SNAPSHOT) {
      problems.add("deduplicate.scope per_snapshot looks at no other snapshot and needs no index");
    }
    for (Deduplicator deduplicator : recipe.deduplicators()) {
      if (deduplicator instanceof MinHashLsh lsh
          && (lsh.mode() != Mode.ANCHORED || !lsh.verify())) {
        problems.add("MinHashLsh must have mode: anchored and verify: true");
      }
    }
    if (!problems.isEmpty()) {
      throw BatchwrightException.usage(
          "A deduplication index cannot hold what this recipe asks for: "
              + String.join("; ", problems)
              + ".");
    }
  }

  private static void flatten(String name, JsonNode value, SortedMap<String, String> values) {
    if (value instanceof ObjectNode object) {
      object.properties().forEach(e -> flatten(name + "." + e.getKey(), e.getValue(), values));
    } else {
      values.put(name, value.asText());
    }
  }

  /** What differs from {@code other}, one line each: what the index says, what was asked for. */
  List<String> differences(IndexHeader other) {
    TreeSet<String> names = new TreeSet<>(values.keySet());
    names.addAll(other.values.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String here = values.getOrDefault(name, "absent");
      String there = other.values.getOrDefault(name, "absent");
      if (!here.equals(there)) {
        differences.add("%s: %s in the index, %s now".formatted(name, here, there));
      }
    }
    return differences;
  }
}
