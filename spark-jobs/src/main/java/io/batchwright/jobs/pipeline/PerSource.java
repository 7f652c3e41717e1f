package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Means of nDCG@10 by system and source, from the figures of each query. */
final class PerSource {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METRIC = "ndcg10";

  private PerSource() {}

  static TreeMap<String, TreeMap<String, Double>> read(
      Path perQuery, Map<String, String> sourceOfQuery) throws IOException {
    TreeMap<String, TreeMap<String, double[]>> sums = new TreeMap<>();
    try (Stream<String> lines = Files.lines(perQuery)) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode query = JSON.readTree(line);
        String source = sourceOfQuery.getOrDefault(query.path("query_id").asText(), "unknown");
        for (Map.Entry<String, JsonNode> field : query.properties()) {
          if (field.getValue().isObject() && field.getValue().has(METRIC)) {
            double[] sum =
                sums.computeIfAbsent(field.getKey(), system -> new TreeMap<>())
                    .computeIfAbsent(source, s -> new double[2]);
            sum[0] += field.getValue().path(METRIC).asDouble();
            sum[1]++;
          }
        }
      }
    }
    TreeMap<String, TreeMap<String, Double>> means = new TreeMap<>();
    sums.forEach(
        (system, bySource) -> {
          TreeMap<String, Double> mean = new TreeMap<>();
          bySource.forEach((source, sum) -> mean.put(source, sum[0] / sum[1]));
          means.put(system, mean);
        });
    return means;
  }
}
