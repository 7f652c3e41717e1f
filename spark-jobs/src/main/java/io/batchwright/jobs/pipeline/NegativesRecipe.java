package io.batchwright.jobs.pipeline;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * Mined negatives and what other models say of the same texts.
 *
 * @param from the folder of a run of {@code mine} on the same corpus; empty for none
 * @param perSample negatives of each sample, at least 1; samples whose query has fewer are left
 *     out. With the policy TasBalanced a sample has one, drawn anew each epoch from this many
 * @param teacherScores the folder of a run of {@code mine} that had a guide, or Parquet files with
 *     {@code query_id, doc_id, score} of a teacher, for positives and negatives; losses that need
 *     them and TasBalanced read them; empty for none
 * @param guide the folder of a run of {@code encode} on the same corpus by a guide model, or
 *     Parquet files with {@code kind, id, embedding}, which losses that need them read; empty for
 *     none
 */
public record NegativesRecipe(String from, int perSample, String teacherScores, String guide)
    implements Serializable {
  /** No negatives but those of the batch. */
  public static final NegativesRecipe DEFAULTS = new NegativesRecipe("", 1, "", "");

  /** Checks the ranges. */
  public NegativesRecipe {
    Check.atLeast("NegativesRecipe.perSample", perSample, 1);
    Check.that(
        teacherScores.isEmpty() || !from.isEmpty(),
        "NegativesRecipe.teacherScores",
        "must be empty without mined negatives");
  }

  /** Whether samples get mined negatives. */
  boolean mined() {
    return !from.isEmpty();
  }
}
