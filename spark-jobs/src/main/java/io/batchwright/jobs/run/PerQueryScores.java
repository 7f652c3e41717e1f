package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.train.evaluation.PairedBootstrap;
import io.batchwright.train.evaluation.PairedComparison;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What an evaluation wrote for each query: its group and its scores by system and metric. */
final class PerQueryScores {
  static final String FILE = "evaluation/per_query.jsonl";
  private static final Set<String> NOT_SCORES = Set.of("query_id", "group_id", "relevant");

  private record Query(String group, Map<String, Double> scores) {}

  private final SortedMap<String, Query> queries = new TreeMap<>();

  /** The scores of the run in {@code folder}; empty where it has none. */
  static PerQueryScores read(Path folder, Configuration hadoop) throws IOException {
    PerQueryScores scores = new PerQueryScores();
    Path file = new Path(folder, FILE);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(file.getFileSystem(hadoop).open(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          scores.add(JsonFile.JSON.readTree(line));
        }
      }
    } catch (FileNotFoundException e) {
      return scores;
    }
    return scores;
  }

  private void add(JsonNode line) {
    Map<String, Double> values = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : line.properties()) {
      if (NOT_SCORES.contains(entry.getKey())) {
        continue;
      }
      if (entry.getValue().isNumber()) {
        values.put(entry.getKey(), entry.getValue().asDouble());
      } else {
        entry
            .getValue()
            .properties()
            .forEach(
                metric ->
                    values.put(
                        entry.getKey() + " " + metric.getKey(), metric.getValue().asDouble()));
      }
    }
    queries.put(line.path("query_id").asText(), new Query(line.path("group_id").asText(), values));
  }

  boolean isEmpty() {
    return queries.isEmpty();
  }

  /** Queries that both runs scored. */
  int shared(PerQueryScores other) {
    return sharedIds(other).size();
  }

  /** This run minus {@code other}, by score, over the queries and scores that both have. */
  SortedMap<String, PairedComparison> minus(PerQueryScores other) {
    SortedMap<String, PairedComparison> differences = new TreeMap<>();
    List<String> ids = List.copyOf(sharedIds(other));
    if (ids.isEmpty()) {
      return differences;
    }
    List<String> groups = ids.stream().map(id -> queries.get(id).group()).toList();
    PairedBootstrap.Resamples resamples = PairedBootstrap.DEFAULTS.overGroups(groups);
    Set<String> names = new TreeSet<>(queries.get(ids.get(0)).scores().keySet());
    for (String id : ids) {
      names.retainAll(queries.get(id).scores().keySet());
      names.retainAll(other.queries.get(id).scores().keySet());
    }
    for (String name : names) {
      differences.put(name, resamples.compare(column(ids, name), other.column(ids, name)));
    }
    return differences;
  }

  private double[] column(List<String> ids, String name) {
    return ids.stream().mapToDouble(id -> queries.get(id).scores().get(name)).toArray();
  }

  private TreeSet<String> sharedIds(PerQueryScores other) {
    TreeSet<String> shared = new TreeSet<>(queries.keySet());
    shared.retainAll(other.queries.keySet());
    return shared;
  }
}
