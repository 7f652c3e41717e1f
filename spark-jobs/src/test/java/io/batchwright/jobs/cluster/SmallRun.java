package io.batchwright.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A corpus of a few hundred pairs with some duplicates, and a recipe that trains two ranks on it in
 * seconds.
 */
final class SmallRun {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAIRS = 360;
  private static final int WORDS = 400;

  private SmallRun() {}

  /**
   * A recipe of everything: near-duplicates, held-out queries; the corpus goes to {@code folder}.
   */
  static String recipe(Path folder) throws IOException {
    Files.createDirectories(folder);
    write(folder.resolve("train.jsonl"), PAIRS, 1);
    write(folder.resolve("held.jsonl"), PAIRS / 6, 2);
    return """
    seed: 7
    corpus:
      sources:
        - {name: FlagEmbeddingJsonLines, path: "%1$s/train.jsonl", source: train}
        - {name: FlagEmbeddingJsonLines, path: "%1$s/held.jsonl", source: held}
      filters:
        - {name: MinimumLength, minimum: 20, unit: characters}
    split:
      heldOut: [held]
    tokens:
      tokenizer: {name: WordPiece, vocabularySize: 600, minCount: 1}
    batches:
      policy: {name: RandomBatches, pairsPerStep: 64, dropLast: false}
    train:
      ranks: 2
      epochs: 2
      model: {name: StaticEmbedding, dims: 16}
    evaluate: {maximumQueries: 20, shuffled: false}
    """
        .formatted(folder);
  }

  /** A recipe whose training takes hundreds of steps and checkpoints, and the rest little. */
  static String trainingRecipe(Path folder) throws IOException {
    Files.createDirectories(folder);
    write(folder.resolve("train.jsonl"), PAIRS, 1);
    return """
    seed: 7
    corpus:
      sources:
        - {name: FlagEmbeddingJsonLines, path: "%1$s/train.jsonl", source: train}
    deduplicate:
      deduplicators: [{name: ExactHash}]
    tokens:
      tokenizer: {name: WordPiece, vocabularySize: 600, minCount: 1}
    batches:
      bucketing: {name: SingleBucket}
      policy: {name: RandomBatches, pairsPerStep: 2, dropLast: false}
    train:
      ranks: 2
      epochs: 3
      model: {name: StaticEmbedding, dims: 16}
      checkpointEverySteps: 10
    """
        .formatted(folder);
  }

  /** The same, in a file beside the corpus. */
  static Path write(Path folder, String recipe) throws IOException {
    return Files.writeString(folder.resolve("recipe.yaml"), recipe);
  }

  /** {@code run.json} of the run in {@code dir}. */
  static JsonNode record(Path dir) throws IOException {
    return JSON.readTree(dir.resolve("run.json").toFile());
  }

  /** The stages whose rows do not add up: in + expanded = out + dropped + quarantined. */
  static List<String> unbalanced(JsonNode record) {
    List<String> stages = new ArrayList<>();
    for (Map.Entry<String, JsonNode> stage : record.path("ledger").properties()) {
      JsonNode entry = stage.getValue();
      long in = entry.path("in").asLong() + entry.path("expanded").asLong();
      long gone = entry.path("out").asLong();
      gone += total(entry.path("dropped")) + total(entry.path("quarantined"));
      if (in != gone) {
        stages.add(stage.getKey() + " " + entry);
      }
    }
    return stages;
  }

  private static long total(JsonNode counts) {
    long total = 0;
    for (Iterator<JsonNode> values = counts.elements(); values.hasNext(); ) {
      total += values.next().asLong();
    }
    return total;
  }

  private static void write(Path file, int pairs, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    String passage = "";
    for (int pair = 0; pair < pairs; pair++) {
      // Every tenth passage is the one before with a word more, so that there are near-duplicates.
      passage = pair % 10 == 9 ? passage + " again" : words(random, 30);
      String query = String.join(" ", List.of(passage.split(" ")).subList(0, 6));
      ObjectNode line = JSON.createObjectNode();
      line.put("query", "%s %d-%d".formatted(query, seed, pair)).putArray("pos").add(passage);
      lines.append(line).append('\n');
    }
    Files.writeString(file, lines);
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append("word").append(random.nextInt(WORDS));
    }
    return text.toString();
  }
}
