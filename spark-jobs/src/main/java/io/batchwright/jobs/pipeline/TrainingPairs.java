package io.batchwright.jobs.pipeline;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Locale;

/** Says plainly that there is nothing to train on. */
final class TrainingPairs {
  private TrainingPairs() {}

  /**
   * Requires training pairs.
   *
   * @param left how many are left to train on
   * @param queries how many queries the sources gave
   * @throws BatchwrightException with exit code 3 if none is left
   */
  static void require(long left, long queries) {
    if (left > 0) {
      return;
    }
    throw BatchwrightException.data(
        queries == 0
            ? "There is no training pair: the sources gave documents, but no query with a relevant"
                + " document. Documents alone can be deduplicated (batchwright dedup) and"
                + " tokenized (batchwright tokenize); a dual encoder needs pairs, such as those of"
                + " conf/pairs.yaml."
            : String.format(
                Locale.ROOT,
                "There is no training pair left of %,d queries: all are held out, set aside for"
                    + " validation, or excluded. The reasons stand in the ledger of run.json and"
                    + " in tables/removed_split.",
                queries));
  }

  /**
   * Requires that the plan takes some of the pairs.
   *
   * @param planned rows of the plan
   * @param samples pairs, or packed sequences, that there are
   * @throws BatchwrightException with exit code 3 if it takes none
   */
  static void requirePlanned(long planned, long samples) {
    if (planned == 0) {
      throw BatchwrightException.data(
          String.format(
              Locale.ROOT,
              "The plan has no step: %,d training samples fill no batch. Lower"
                  + " batches.policy.pairsPerStep, set batches.policy.dropLast: false, or use"
                  + " fewer buckets.",
              samples));
    }
  }
}
