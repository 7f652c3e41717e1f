package io.batchwright.data.pack;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How samples share sequences of a step. */
public sealed interface Packing extends Serializable permits NoPacking, CustomPacking {

  /**
   * Sets {@code sequence} and {@code start} of a plan's rows.
   *
   * @param plan {@link io.batchwright.data.Tables#PLAN}
   */
  Dataset<Row> pack(Dataset<Row> plan);
}
