package io.batchwright.jobs.bench.dedup;

import static org.apache.spark.sql.functions.col;

import io.batchwright.jobs.bench.Bench;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Data sets in the folder that {@code --data} names: {@code multisource/*.jsonl.gz} (id, source,
 * text) and {@code licenses-scancode/} (labels, rules, and the exact similarity of their pairs).
 */
record ExtraData(SparkSession spark, String folder) {

  static ExtraData of(Bench bench) {
    return new ExtraData(bench.spark(), bench.recipe().data());
  }

  boolean hasMultisource() {
    return found("multisource/*.jsonl.gz");
  }

  boolean hasLicenses() {
    return found("licenses-scancode/jaccard_pairs_ge0.5.tsv.gz");
  }

  /** Why rows that need {@code set} are missing. */
  String missing(String set) {
    return folder.isEmpty() ? "needs --data DIR with " + set : folder + " holds no " + set;
  }

  /** The documents (doc_id, source, text) of all ten sources. */
  Dataset<Row> multisource() {
    return spark
        .read()
        .schema("id string, source string, text string")
        .json(folder + "/multisource/*.jsonl.gz")
        .select(col("id").as("doc_id"), col("source"), col("text"));
  }

  /** The licence texts of 50 words and more among which all pairs are known, ids as in the list. */
  Dataset<Row> licenses() {
    return spark
        .read()
        .schema("id string, text string")
        .json(folder + "/licenses-scancode/fulltext_clusters.jsonl.gz")
        .selectExpr("id as doc_id", "'licenses' as source", "text");
  }

  /** a, b, jaccard of every pair of 0.5 or more. */
  Dataset<Row> licensePairs() {
    return spark
        .read()
        .option("sep", "\t")
        .option("header", "true")
        .csv(folder + "/licenses-scancode/jaccard_pairs_ge0.5.tsv.gz");
  }

  private boolean found(String pattern) {
    if (folder.isEmpty()) {
      return false;
    }
    Path path = new Path(folder, pattern);
    try {
      FileStatus[] files =
          path.getFileSystem(spark.sessionState().newHadoopConf()).globStatus(path);
      return files != null && files.length > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
