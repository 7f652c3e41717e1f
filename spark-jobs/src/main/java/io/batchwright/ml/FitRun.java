package io.batchwright.ml;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.model.ShippedModel;
import io.batchwright.jobs.pipeline.Pipeline;
import io.batchwright.jobs.run.Fingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * One fit: the job {@code train} over the rows of a Dataset.
 *
 * <p>Its folder is named after the parameters and the rows, whatever their order: the same fit
 * again goes on from the newest checkpoint of an interrupted one, or finds it done.
 *
 * @param recipe YAML text, or the path or name of a recipe; it names no source
 * @param settings {@code key=value}, laid over it
 * @param workDirectory where the folder goes; empty for a temporary folder, deleted afterwards
 */
record FitRun(String recipe, List<String> settings, String workDirectory) {
  /** What documents of this face are called; ids of documents depend on it. */
  private static final String SOURCE = "pairs";

  /**
   * Trains on {@code pairs}.
   *
   * @param pairs columns {@code query} and {@code positive}
   */
  ShippedModel on(Dataset<Row> pairs) {
    SparkSession spark = pairs.sparkSession();
    String data = fingerprint(pairs);
    if (!workDirectory.isBlank()) {
      return train(spark, pairs, data, workDirectory);
    }
    if (!spark.sparkContext().isLocal()) {
      throw BatchwrightException.usage(
          "workDirectory must be set on a cluster: a folder that driver and executors reach, for"
              + " prepared batches and checkpoints.");
    }
    try {
      java.nio.file.Path temporary = Files.createTempDirectory("batchwright-fit-");
      try {
        return train(spark, pairs, data, temporary.toString());
      } finally {
        new Path(temporary.toUri())
            .getFileSystem(spark.sessionState().newHadoopConf())
            .delete(new Path(temporary.toUri()), true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the fit in a temporary folder", e);
    }
  }

  private ShippedModel train(SparkSession spark, Dataset<Row> pairs, String data, String parent) {
    String view = "batchwright_pairs_" + data;
    String folder =
        new Path(parent, "fit-" + Fingerprint.of(recipe, settings, data).substring(0, 16))
            .toString();
    pairs.createOrReplaceTempView(view);
    try {
      Pipeline.open(spark, recipe, folder, withSource(view)).train();
      return DualEncoderModel.shipped(folder, spark.sessionState().newHadoopConf());
    } finally {
      spark.catalog().dropTempView(view);
    }
  }

  private String[] withSource(String view) {
    String source =
        "corpus.sources=[{name: SparkPairs, table: %s, source: %s}]".formatted(view, SOURCE);
    return Stream.concat(Stream.of(source), settings.stream()).toArray(String[]::new);
  }

  /** Identifies the rows, whatever their order and partitions. */
  private static String fingerprint(Dataset<Row> pairs) {
    Column hash = xxhash64(col("query"), col("positive"));
    Row totals =
        pairs
            .select(hash.as("hash"))
            .agg(
                count(lit(1)),
                coalesce(bit_xor(col("hash")), lit(0L)),
                coalesce(sum(col("hash").cast("decimal(38,0)")).cast("string"), lit("0")))
            .head();
    if (totals.getLong(0) == 0) {
      throw BatchwrightException.data("There is nothing to fit on: the dataset holds no rows.");
    }
    return Fingerprint.of(totals.getLong(0), totals.getLong(1), totals.getString(2))
        .substring(0, 16);
  }
}
