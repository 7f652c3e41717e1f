package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.technique.Check;
import java.util.List;

/**
 * A model folder to measure against BM25 and a hybrid of both.
 *
 * @param run where and how to run
 * @param seed not used: queries are chosen by hash, and the bootstrap has its own seed
 * @param model the model folder
 * @param corpus the folder of a run, whose held-out queries are asked, or a BEIR folder
 * @param truncateDims the first values of a vector that count, for a model trained by {@code
 *     Matryoshka}; 0: all
 * @param qrels the judgements of a BEIR folder that count, as names below {@code qrels/}; empty for
 *     {@code test} where there is one, else all
 * @param analysis how BM25 sees texts: {@code code} splits identifiers, {@code prose} does not;
 *     empty for code in a run and prose in a BEIR folder
 * @param maximumQueries queries that are scored, chosen by hash; 0: all
 * @param depth documents that each system returns, at least 100
 * @param hideNames whether a second set of figures hides the name a document declares, where the
 *     corpus knows it
 * @param maximumQuarantineShare the share of a BEIR folder's records that may be unusable, in [0,
 *     1]; above it the run fails with exit code 3
 */
public record EvaluateModelRecipe(
    RunSettings run,
    long seed,
    String model,
    String corpus,
    int truncateDims,
    List<String> qrels,
    String analysis,
    int maximumQueries,
    int depth,
    boolean hideNames,
    double maximumQuarantineShare)
    implements JobConfig {
  /** Up to 3,000 queries; model and corpus must be given. */
  public static final EvaluateModelRecipe DEFAULTS =
      new EvaluateModelRecipe(
          RunSettings.DEFAULTS, 0, "", "", 0, List.of(), "", 3000, 100, true, 0.01);

  public EvaluateModelRecipe {
    qrels = List.copyOf(qrels);
    Check.oneOf("EvaluateModelRecipe.analysis", analysis, "", "code", "prose");
    Check.atLeast("EvaluateModelRecipe.truncateDims", truncateDims, 0);
    Check.atLeast("EvaluateModelRecipe.maximumQueries", maximumQueries, 0);
    Check.atLeast("EvaluateModelRecipe.depth", depth, 100);
    Check.range(
        "EvaluateModelRecipe.maximumQuarantineShare", maximumQuarantineShare, 0, true, 1, true);
  }
}
