package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.config.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys of a recipe in which an arm differs from random batches with the masks. */
final class ArmSettings {
  /** The loss of every arm without a guide or a teacher: from queries to positives, both masks. */
  static final String LOSS =
      "{name: InfoNce, temperature: 0.05, symmetric: false, samePositiveMask: true, equalHashMask:"
          + " true}";

  private static final String WITHOUT_MASKS = LOSS.replace("Mask: true", "Mask: false");

  /** The same loss but for the guide: neither queries nor positives are negatives of their kind. */
  private static final String GUIDED =
      "{name: GistEmbed, temperature: 0.05, marginKind: ABSOLUTE, margin: 0, contrastQueries: false,"
          + " contrastPositives: false}";

  private static final String TAUGHT =
      "{name: TasDualSupervision, scale: 1, guideScale: 1, inBatchWeight: 0.75}";

  private final Map<String, String> keys = new LinkedHashMap<>();
  private int stepsTimes = 1;

  /** Batches by {@code policy}, YAML. */
  ArmSettings policy(String policy, Object... values) {
    keys.put("batches.policy", policy.formatted(values));
    return this;
  }

  /** Vectors that the policy looks at. */
  ArmSettings vectors(String folder) {
    keys.put("batches.clusters.embeddings", quoted(folder));
    return this;
  }

  /** Clusters of k-means. */
  ArmSettings clusters(long count) {
    keys.put("batches.clusters.count", Long.toString(count));
    return this;
  }

  /** Negatives of each sample from a run of {@code mine}. */
  ArmSettings negatives(String mined, int perSample) {
    keys.put("batches.negatives.from", quoted(mined));
    keys.put("batches.negatives.perSample", Integer.toString(perSample));
    return this;
  }

  /** A guide's vectors, and the loss that heeds them. */
  ArmSettings guide(String vectors) {
    keys.put("batches.negatives.guide", quoted(vectors));
    keys.put("train.loss", GUIDED);
    return this;
  }

  /** A teacher's scores of the mined pairs and its vectors, and the loss that learns both. */
  ArmSettings teacher(String scores, String vectors) {
    keys.put("batches.negatives.teacherScores", quoted(scores));
    keys.put("batches.negatives.guide", quoted(vectors));
    keys.put("train.loss", TAUGHT);
    return this;
  }

  /**
   * Vectors and negatives anew before each epoch, with the weights of that moment.
   *
   * @param vectors ENCODER or BANK
   */
  ArmSettings refreshed(String vectors) {
    keys.put(
        "batches.refresh", "{mode: SYNCHRONOUS, everyEpochs: 1, vectors: %s}".formatted(vectors));
    return this;
  }

  /** Neither mask. */
  ArmSettings withoutMasks() {
    keys.put("train.loss", WITHOUT_MASKS);
    return this;
  }

  /** Any other key. */
  ArmSettings key(String key, String yaml) {
    keys.put(key, yaml);
    return this;
  }

  /** As many times the steps of the others. */
  ArmSettings steps(int times) {
    stepsTimes = times;
    return this;
  }

  int stepsTimes() {
    return stepsTimes;
  }

  List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    keys.forEach((key, value) -> settings.add(new Setting(key, value, "arm")));
    return settings;
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
