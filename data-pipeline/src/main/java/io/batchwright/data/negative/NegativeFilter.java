package io.batchwright.data.negative;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Takes candidates out that are no negatives. */
public sealed interface NegativeFilter extends Serializable
    permits KnownPositives, CustomNegativeFilter {

  /**
   * The candidates that stay.
   *
   * @param candidates {@link io.batchwright.data.Tables#CANDIDATES}
   * @param queries {@link io.batchwright.data.Tables#QUERIES}
   * @param qrels {@link io.batchwright.data.Tables#QRELS}
   */
  Dataset<Row> keep(Dataset<Row> candidates, Dataset<Row> queries, Dataset<Row> qrels);
}
