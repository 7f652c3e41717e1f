package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.Removed;
import java.util.Arrays;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The batches of one epoch, not yet written.
 *
 * @param rows {@link Tables#PLAN}
 * @param removed the samples of no batch, {@link Tables#REMOVED} with the sample's id
 * @param steps their number
 */
public record Plan(Dataset<Row> rows, Dataset<Row> removed, long steps) {
  /** The stage in which samples of no batch are lost. */
  static final String NAME = "plan";

  /** The shape of a step that holds samples of several buckets. */
  public static final int MIXED = -1;

  /** The reason of a sample left over from the last, incomplete step. */
  public static final String PARTIAL_STEP = "partial_step";

  /** The reason of a sample that would have met its like in every step. */
  public static final String DUPLICATE_IN_STEP = "duplicate_in_step";

  private static final StructType DROPPED =
      new StructType(
          new StructField[] {
            DataTypes.createStructField("sample", DataTypes.LongType, false),
            DataTypes.createStructField("reason", DataTypes.StringType, false)
          });

  /** One line of the plan; each sequence is one whole sample. */
  static Row row(long step, int position, Candidate sample, int shape) {
    return RowFactory.create(
        sample.epoch(), step, position, position, sample.sample(), 0, sample.length(), shape);
  }

  /** Rows of {@link Tables#PLAN}. */
  static Dataset<Row> rows(Dataset<Row> samples, JavaRDD<Row> rows) {
    return samples.sparkSession().createDataFrame(rows, Tables.PLAN);
  }

  /** {@link #removed} from rows {@code sample, reason}. */
  static Dataset<Row> removed(Dataset<Row> samples, JavaRDD<Row> dropped) {
    return samples
        .sparkSession()
        .createDataFrame(dropped, DROPPED)
        .join(samples.select("sample", "sample_id", "source"), "sample")
        .select(Removed.columns(col("sample_id"), NAME, col("reason")));
  }

  /** Whether {@code samples} has been through a bucketing. */
  static void requireBuckets(Dataset<Row> samples) {
    if (!Arrays.asList(samples.columns()).contains("bucket")) {
      throw new IllegalArgumentException("samples need the column bucket: apply a Bucketing first");
    }
  }
}
