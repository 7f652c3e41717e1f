package io.batchwright.jobs.bench.negatives;

import java.util.List;
import java.util.Optional;

/**
 * All arms on one data set at one batch size.
 *
 * @param steps of a training
 * @param samples training pairs
 * @param documents that are searched
 * @param tuning queries that choose rates
 * @param groups of the test queries
 * @param arms in the order of the tables
 */
record SetResults(
    TrialSet set,
    int batch,
    int steps,
    long samples,
    int documents,
    int tuning,
    List<String> groups,
    List<ArmResult> arms) {
  SetResults {
    groups = List.copyOf(groups);
    arms = List.copyOf(arms);
  }

  Optional<ArmResult> arm(String name) {
    return arms.stream().filter(arm -> arm.arm().name().equals(name)).findFirst();
  }

  /** Whether the primary comparison is made here. */
  boolean primary() {
    return set.name().equals("javadoc") && batch == QualitySection.BATCH;
  }
}
