package io.batchwright.jobs.javadoc;

import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;

/**
 * Which jars become a documentation corpus.
 *
 * @param run where and how to run
 * @param seed not used: nothing is drawn
 * @param source the jars and what is made of them
 * @param maximumQuarantineShare the share of files that may be unreadable, in [0, 1]; above it the
 *     run fails with exit code 3
 */
public record JavadocCorpusRecipe(
    RunSettings run, long seed, JavadocSource source, double maximumQuarantineShare)
    implements JobConfig {
  /** The jars that the build brings. */
  public static final JavadocCorpusRecipe DEFAULTS =
      new JavadocCorpusRecipe(RunSettings.DEFAULTS, 0, JavadocSource.DEFAULTS, 0.01);

  public JavadocCorpusRecipe {
    Check.range(
        "JavadocCorpusRecipe.maximumQuarantineShare", maximumQuarantineShare, 0, true, 1, true);
  }
}
