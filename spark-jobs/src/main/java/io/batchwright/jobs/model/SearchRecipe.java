package io.batchwright.jobs.model;

import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;

/**
 * One question to a model.
 *
 * @param run where and how to run
 * @param seed not used: a search draws nothing
 * @param model the model folder
 * @param corpus the folder of a run, or Parquet or JSON lines files
 * @param query what is asked
 * @param truncateDims the first values of a vector that count, for a model trained by {@code
 *     Matryoshka}; 0: all
 * @param top how many documents are shown
 */
public record SearchRecipe(
    RunSettings run,
    long seed,
    String model,
    String corpus,
    String query,
    int truncateDims,
    int top)
    implements JobConfig {
  /** Ten hits; model, corpus and query must be given. */
  public static final SearchRecipe DEFAULTS =
      new SearchRecipe(RunSettings.DEFAULTS, 0, "", "", "", 0, 10);

  public SearchRecipe {
    Check.atLeast("SearchRecipe.truncateDims", truncateDims, 0);
    Check.atLeast("SearchRecipe.top", top, 1);
  }
}
