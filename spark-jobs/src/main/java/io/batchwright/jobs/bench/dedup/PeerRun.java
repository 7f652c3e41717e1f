package io.batchwright.jobs.bench.dedup;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * One run of a peer from Parquet to Parquet.
 *
 * @param seconds wall-clock time of reading, deduplicating and writing
 * @param removed documents removed
 */
record PeerRun(double seconds, long removed) {

  /**
   * Runs {@code peer}, as {@link DedupRun#of} runs ours.
   *
   * @throws TimeoutException if it takes more than {@code limitSeconds}; its jobs are cancelled
   */
  static PeerRun of(SparkSession spark, Peer peer, String input, String output, long limitSeconds)
      throws TimeoutException, InterruptedException, ExecutionException {
    String group = "bench peer " + output;
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<PeerRun> run =
          thread.submit(
              () -> {
                spark.sparkContext().setJobGroup(group, group, true);
                return run(spark, peer, input, output);
              });
      return run.get(limitSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      spark.sparkContext().cancelJobGroup(group);
      throw e;
    } finally {
      thread.shutdownNow();
      thread.awaitTermination(1, TimeUnit.MINUTES);
      spark.catalog().clearCache();
    }
  }

  private static PeerRun run(SparkSession spark, Peer peer, String input, String output) {
    long start = System.nanoTime();
    Dataset<Row> documents = spark.read().parquet(input);
    peer.removed(documents).write().mode("overwrite").parquet(output + "/removed");
    Dataset<Row> removed = spark.read().parquet(output + "/removed");
    documents
        .join(removed, new String[] {"doc_id"}, "left_anti")
        .write()
        .mode("overwrite")
        .parquet(output + "/kept");
    return new PeerRun((System.nanoTime() - start) / 1e9, removed.count());
  }
}
