package io.batchwright.jobs.mine;

import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;

/**
 * Mined pairs for another trainer.
 *
 * @param run where and how to run
 * @param seed not used: nothing is drawn
 * @param input the folder of a run of {@code mine}
 * @param format the trainer's
 * @param shape of a line, for {@code sentence-transformers} alone
 * @param negatives of a line where {@code shape} is n-tuple, at least 1: queries with fewer are
 *     left out, of those with more the best are taken
 * @param scores whether the miner's scores stand in the lines, where the format has a place for
 *     them
 */
public record ExportRecipe(
    RunSettings run,
    long seed,
    String input,
    PairFormat format,
    PairShape shape,
    int negatives,
    boolean scores)
    implements JobConfig {
  /** Triplets for sentence-transformers. */
  public static final ExportRecipe DEFAULTS =
      new ExportRecipe(
          RunSettings.DEFAULTS,
          0,
          "",
          PairFormat.SENTENCE_TRANSFORMERS,
          PairShape.TRIPLET,
          4,
          false);

  /** Checks the ranges. */
  public ExportRecipe {
    Check.atLeast("ExportRecipe.negatives", negatives, 1);
  }
}
