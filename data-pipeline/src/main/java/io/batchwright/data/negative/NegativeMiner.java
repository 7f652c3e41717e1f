package io.batchwright.data.negative;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Finds documents that may serve as negatives. */
public sealed interface NegativeMiner extends Serializable
    permits RandomNegatives, CustomNegativeMiner {

  /**
   * Ranks candidates for each query; filters decide later which of them are negatives.
   *
   * @return {@link io.batchwright.data.Tables#CANDIDATES}
   */
  Dataset<Row> mine(Corpus corpus);

  /**
   * What negatives are mined from.
   *
   * @param queries {@link io.batchwright.data.Tables#QUERIES}
   * @param documents {@link io.batchwright.data.Tables#DOCUMENTS}
   * @param seed the seed of the run
   */
  record Corpus(Dataset<Row> queries, Dataset<Row> documents, long seed) {}
}
