package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.Scope;
import io.batchwright.data.dedup.Sizes;
import java.util.List;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * One deduplication from Parquet to Parquet, as a user would write it.
 *
 * @param seconds wall-clock time of reading, deduplicating and writing
 * @param figures what the run says of itself
 * @param removed the written table of removed documents, to be read before the output is written
 *     again
 */
record DedupRun(double seconds, SortedMap<String, Long> figures, Dataset<Row> removed) {

  /** Exact, then near-duplicates at {@code threshold}, with the defaults otherwise. */
  static Deduplicate at(double threshold) {
    return with(lsh(threshold, 16, 8), Scope.GLOBAL);
  }

  /** The default with other bands and threshold. */
  static MinHashLsh lsh(double threshold, int bands, int rows) {
    MinHashLsh paper = MinHashLsh.PAPER;
    return new MinHashLsh(
        Math.max(paper.permutations(), bands * rows),
        bands,
        rows,
        paper.shingleSize(),
        paper.unit(),
        threshold,
        paper.anchorsPerBucket(),
        paper.seed());
  }

  /** Exact, then {@code lsh}, in {@code scope}. */
  static Deduplicate with(MinHashLsh lsh, Scope scope) {
    return new Deduplicate(List.of(ExactHash.PAPER, lsh), scope, List.of());
  }

  /** Deduplicates the documents in {@code input} and writes kept, removed and clusters. */
  static DedupRun of(SparkSession spark, Deduplicate recipe, String input, String output) {
    return of(spark, recipe, Sizes.ofThisHeap(), input, output);
  }

  /** As {@link #of(SparkSession, Deduplicate, String, String)}, with other limits. */
  static DedupRun of(
      SparkSession spark, Deduplicate recipe, Sizes sizes, String input, String output) {
    long start = System.nanoTime();
    Dataset<Row> documents = spark.read().parquet(input);
    try (Deduplication found = recipe.apply(documents, sizes)) {
      found.outcome().kept().write().mode("overwrite").parquet(output + "/kept");
      found.outcome().removed().write().mode("overwrite").parquet(output + "/removed");
      found.clusters().write().mode("overwrite").parquet(output + "/clusters");
      return new DedupRun(
          (System.nanoTime() - start) / 1e9,
          found.figures(),
          spark.read().parquet(output + "/removed"));
    }
  }
}
