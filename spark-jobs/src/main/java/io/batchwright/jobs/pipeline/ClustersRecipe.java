package io.batchwright.jobs.pipeline;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * What batch policies that put like samples together know of the samples. Policies that do not look
 * at vectors leave it alone.
 *
 * @param embeddings the folder of a run of {@code encode} on the same corpus, or Parquet files with
 *     {@code kind, id, embedding}; empty for none
 * @param count clusters of queries that Tas draws from, at least 1; fewer where there are fewer
 *     queries
 * @param iterations of k-means, at least 1
 */
public record ClustersRecipe(String embeddings, int count, int iterations) implements Serializable {
  /** No vectors; 2,000 clusters, as TAS-Balanced has for 400,000 queries. */
  public static final ClustersRecipe DEFAULTS = new ClustersRecipe("", 2_000, 20);

  /** Checks the ranges. */
  public ClustersRecipe {
    Check.atLeast("ClustersRecipe.count", count, 1);
    Check.atLeast("ClustersRecipe.iterations", iterations, 1);
  }
}
