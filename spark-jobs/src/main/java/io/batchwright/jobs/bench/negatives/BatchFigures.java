package io.batchwright.jobs.bench.negatives;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What the run.json of a training says of its batches.
 *
 * @param left the share of training pairs that had negatives enough and stayed, the smallest of any
 *     epoch; NaN where there is no run.json
 * @param hardness the share of other positives in a step that are among a query's nearest, in the
 *     first epoch; NaN where the batches were made without vectors of all texts
 * @param randomHardness what random batches of the same pairs would have; NaN alike
 */
record BatchFigures(double left, double hardness, double randomHardness) {
  static final BatchFigures NONE = new BatchFigures(Double.NaN, Double.NaN, Double.NaN);

  /** An arm that trains on less differs from the others by its pairs, too. */
  private static final double REMNANT = 0.9;

  static BatchFigures of(JsonNode run) {
    double pairs = run.at("/ledger/buckets/in").asDouble();
    double without = run.at("/ledger/buckets/dropped/too_few_negatives").asDouble();
    double single =
        run.at("/ledger/plan/dropped/single_pair").asDouble()
            / Math.max(1, run.at("/metrics/epochs_planned").asDouble());
    double anew =
        run.at("/ledger/train/dropped/too_few_negatives").asDouble()
            / Math.max(1, run.at("/metrics/refreshes").asDouble());
    return new BatchFigures(
        1 - Math.max(without + single, anew) / pairs,
        run.at("/metrics/batch_hardness").asDouble(Double.NaN),
        run.at("/metrics/batch_hardness_random").asDouble(Double.NaN));
  }

  /** Whether so many pairs are gone that it must be said. */
  boolean remnant() {
    return left < REMNANT;
  }
}
