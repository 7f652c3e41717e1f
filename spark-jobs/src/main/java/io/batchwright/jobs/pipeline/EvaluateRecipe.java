package io.batchwright.jobs.pipeline;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * What the trained model is measured against, on held-out queries over the whole deduplicated
 * corpus.
 *
 * @param maximumQueries held-out queries that are scored, chosen by hash; 0: all
 * @param depth documents that each system returns, at least 100
 * @param untrained whether the model before training is measured too
 * @param shuffled whether a model trained on shuffled pairs is measured too; it costs a second
 *     training
 * @param hideNames whether a second set of figures hides the name a document declares, where the
 *     corpus knows it
 */
public record EvaluateRecipe(
    int maximumQueries, int depth, boolean untrained, boolean shuffled, boolean hideNames)
    implements Serializable {
  /** Up to 3,000 queries, with every control. */
  public static final EvaluateRecipe DEFAULTS = new EvaluateRecipe(3000, 100, true, true, true);

  public EvaluateRecipe {
    Check.atLeast("EvaluateRecipe.maximumQueries", maximumQueries, 0);
    Check.atLeast("EvaluateRecipe.depth", depth, 100);
  }
}
