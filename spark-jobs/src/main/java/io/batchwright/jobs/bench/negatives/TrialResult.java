package io.batchwright.jobs.bench.negatives;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.run.JsonFile;
import io.batchwright.jobs.run.RunTables;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a training came to: {@code trial.json} in its folder, written when everything is done,
 * beside the run.json of the training itself.
 *
 * @param steps taken
 * @param seconds of its own stages
 * @param ingredientSeconds of what it needed besides, each counted once
 * @param ingredients their names
 * @param tuning metrics on the queries that choose rates, by key
 * @param test metrics on the test queries
 * @param ndcg of each test query, in the order of their ids
 * @param batches what its run.json says
 * @param lastHardness in-batch hardness of its last epoch by the miner's vectors; NaN where its
 *     batches were not made anew, or nobody looked
 * @param curve nDCG@10 on the test queries after percents of the steps; empty where not looked at
 */
record TrialResult(
    long steps,
    double seconds,
    double ingredientSeconds,
    List<String> ingredients,
    SortedMap<String, Double> tuning,
    SortedMap<String, Double> test,
    double[] ndcg,
    BatchFigures batches,
    double lastHardness,
    SortedMap<Integer, Double> curve) {
  private static final String FILE = "trial.json";

  static Optional<TrialResult> read(Path folder, Configuration hadoop) throws IOException {
    BatchFigures batches =
        RunTables.of(folder.toString(), hadoop)
            .map(run -> BatchFigures.of(run.record()))
            .orElse(BatchFigures.NONE);
    return new JsonFile(new Path(folder, FILE), hadoop)
        .read()
        .map(
            json ->
                new TrialResult(
                    json.path("steps").asLong(),
                    json.path("seconds").asDouble(),
                    json.path("ingredient_seconds").asDouble(),
                    json.path("ingredients").valueStream().map(JsonNode::asText).toList(),
                    metrics(json.path("tuning")),
                    metrics(json.path("test")),
                    json.path("ndcg10_of_queries")
                        .valueStream()
                        .mapToDouble(JsonNode::asDouble)
                        .toArray(),
                    batches,
                    json.path("in_batch_hardness_last_epoch").asDouble(Double.NaN),
                    curve(json.path("ndcg10_after_percent"))));
  }

  void write(Path folder, Configuration hadoop) {
    ObjectNode json = JsonLinesFile.JSON.createObjectNode();
    json.put("steps", steps).put("seconds", seconds).put("ingredient_seconds", ingredientSeconds);
    json.set("ingredients", JsonLinesFile.JSON.valueToTree(ingredients));
    json.set("tuning", JsonLinesFile.JSON.valueToTree(tuning));
    json.set("test", JsonLinesFile.JSON.valueToTree(test));
    json.set("ndcg10_of_queries", JsonLinesFile.JSON.valueToTree(ndcg));
    if (!Double.isNaN(lastHardness)) {
      json.put("in_batch_hardness_last_epoch", lastHardness);
    }
    if (!curve.isEmpty()) {
      json.set("ndcg10_after_percent", JsonLinesFile.JSON.valueToTree(curve));
    }
    new JsonFile(new Path(folder, FILE), hadoop).write(json);
  }

  private static SortedMap<String, Double> metrics(JsonNode json) {
    SortedMap<String, Double> metrics = new TreeMap<>();
    json.properties().forEach(entry -> metrics.put(entry.getKey(), entry.getValue().asDouble()));
    return metrics;
  }

  private static SortedMap<Integer, Double> curve(JsonNode json) {
    SortedMap<Integer, Double> curve = new TreeMap<>();
    json.properties()
        .forEach(entry -> curve.put(Integer.parseInt(entry.getKey()), entry.getValue().asDouble()));
    return curve;
  }

  double totalSeconds() {
    return seconds + ingredientSeconds;
  }
}
