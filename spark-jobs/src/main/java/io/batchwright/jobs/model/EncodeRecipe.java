package io.batchwright.jobs.model;

import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;

/**
 * A corpus to encode.
 *
 * @param run where and how to run
 * @param seed not used: encoding draws nothing
 * @param model the model folder
 * @param input the folder of a run, whose documents and queries are encoded, or files: Parquet,
 *     JSON lines, text, a BEIR folder
 * @param truncateDims the first values of a vector that are kept, at unit length again, for a model
 *     trained by {@code Matryoshka}; 0: all
 * @param textsPerBatch texts that a task encodes at once
 * @param maximumQuarantineShare the share of input records that may be unusable, in [0, 1]; above
 *     it the run fails with exit code 3
 */
public record EncodeRecipe(
    RunSettings run,
    long seed,
    String model,
    String input,
    int truncateDims,
    int textsPerBatch,
    double maximumQuarantineShare)
    implements JobConfig {
  /** Batches of 1,024 texts; model and input must be given. */
  public static final EncodeRecipe DEFAULTS =
      new EncodeRecipe(RunSettings.DEFAULTS, 0, "", "", 0, 1024, 0.01);

  public EncodeRecipe {
    Check.atLeast("EncodeRecipe.truncateDims", truncateDims, 0);
    Check.atLeast("EncodeRecipe.textsPerBatch", textsPerBatch, 1);
    Check.range("EncodeRecipe.maximumQuarantineShare", maximumQuarantineShare, 0, true, 1, true);
  }
}
