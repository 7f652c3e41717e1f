package io.batchwright.jobs.pipeline;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * Whether {@code dedup} only estimates what it would do.
 *
 * @param share the share of documents to look at, in [0, 1]; 0 does the work itself, {@code
 *     --estimate} means 0.01
 */
public record EstimateRecipe(double share) implements Serializable {
  /** The work itself. */
  public static final EstimateRecipe DEFAULTS = new EstimateRecipe(0);

  public EstimateRecipe {
    Check.range("EstimateRecipe.share", share, 0, true, 1, true);
  }
}
