package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.config.RecipeTree;
import io.batchwright.jobs.config.Secrets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What makes two runs the same: job, configuration and input.
 *
 * @param job the job's name
 * @param goesOnFrom the shorter jobs whose runs this one continues
 * @param mayChange keys that a resumed run may have other values of
 * @param config the resolved configuration, with passwords hidden
 * @param dataFingerprint identifies the input
 */
record RunIdentity(
    String job,
    List<String> goesOnFrom,
    Set<String> mayChange,
    ObjectNode config,
    String dataFingerprint) {

  static RunIdentity of(Job<?> job, Record config, String dataFingerprint) {
    return new RunIdentity(
        job.name(),
        job.goesOnFrom(),
        job.mayChangeOnResume(),
        Secrets.hide(RecipeTree.toJson(config)),
        dataFingerprint);
  }

  /** Whether {@code previous} records a run of a shorter job, which this one goes on from. */
  boolean extendsJobOf(ObjectNode previous) {
    return goesOnFrom.contains(previous.path("job").asText());
  }

  /**
   * Identifies what the run computes: where and how it runs and where it is seen plays no part, its
   * row limit does.
   */
  String configSha256() {
    return Fingerprint.of(computed(config));
  }

  /**
   * What differs from the run that {@code previous} records, one line each.
   *
   * @param resumed whether this one goes on with it, so that some keys may differ
   */
  List<String> differences(ObjectNode previous, boolean resumed) {
    List<String> differences = new ArrayList<>();
    if (!previous.path("job").asText().equals(job) && !extendsJobOf(previous)) {
      differences.add("job: %s there, %s now".formatted(previous.path("job").asText(), job));
    }
    JsonNode there = previous.path("config");
    ConfigDifferences.between(
            there instanceof ObjectNode object ? computed(object) : there, computed(config))
        .stream()
        .filter(difference -> !resumed || !mayChange.contains(difference.key()))
        .forEach(
            difference ->
                differences.add(
                    "%s: %s there, %s now"
                        .formatted(difference.key(), difference.left(), difference.right())));
    if (!previous.path("data_fingerprint").asText().equals(dataFingerprint)) {
      differences.add("input: files were added, removed or changed");
    }
    return differences;
  }

  private static ObjectNode computed(ObjectNode config) {
    ObjectNode copy = config.deepCopy();
    copy.remove("track");
    if (copy.get("run") instanceof ObjectNode run) {
      long limit = run.path("limit").asLong();
      boolean dryRun = run.path("dryRun").asBoolean();
      copy.putObject("run").put("limit", limit).put("dryRun", dryRun);
    }
    return copy;
  }
}
