package io.batchwright.jobs.bench.negatives;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.RowVectors;
import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.cluster.Clusters;
import io.batchwright.data.cluster.KMeans;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.kernel.Backends;
import java.util.Locale;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Balanced hierarchical 2-means in memory on all cores, and k-means on executors beside MLlib's.
 */
final class ClusteringSection {
  private static final int DIMS = 128;
  private static final int SIZE = 64;
  private static final int GROUPS = 5_000;
  private static final int PER_CLUSTER = 200;
  private static final int ITERATIONS = 10;

  void measure(Bench bench) {
    balanced(bench);
    kMeans(bench);
  }

  private static void balanced(Bench bench) {
    int count = bench.recipe().size(100_000, 1_000_000);
    float[][] vectors = SyntheticVectors.grouped("clustering", count, DIMS, GROUPS);
    int clusters = BalancedTwoMeans.clustersFor(count, SIZE);
    long start = System.nanoTime();
    Clusters found = BalancedTwoMeans.PAPER.cluster(vectors, clusters, 1, 0);
    double seconds = secondsSince(start);
    bench.figure("clustering_seconds", "s", seconds);
    bench.figure("clustering_vectors_per_second", "vectors/s", count / seconds);
    bench.table(
        BenchTable.of(
                "Balanced hierarchical 2-means", "vectors x dims", "clusters", "sizes", "seconds")
            .row(
                size(count),
                String.format(Locale.ROOT, "%,d", found.count()),
                found.smallest() + " to " + found.largest(),
                String.format(Locale.ROOT, "%.1f", seconds))
            .note(
                String.format(
                    Locale.ROOT,
                    "%,d groups of random vectors; nominal size %d; one run, on all cores; vectors of"
                        + " the full tier: 1,000,000.",
                    GROUPS,
                    SIZE)));
  }

  /** Centres found by ours and by MLlib's, from the same cached rows. */
  private static void kMeans(Bench bench) {
    int count = bench.recipe().size(20_000, 100_000);
    int clusters = count / PER_CLUSTER;
    Dataset<Row> rows = rows(bench, count);
    try {
      rows.count();
      KMeans ours = new KMeans(clusters, ITERATIONS, false, 1);
      long start = System.nanoTime();
      float[][] centres = ours.centres(rows, "id", "embedding");
      double seconds = secondsSince(start);
      Backends.keepOneBlas();
      start = System.nanoTime();
      org.apache.spark.ml.clustering.KMeansModel theirs =
          new org.apache.spark.ml.clustering.KMeans()
              .setK(clusters)
              .setMaxIter(ITERATIONS)
              .setSeed(1)
              .setFeaturesCol("vector")
              .fit(rows.drop("embedding"));
      double mllib = secondsSince(start);
      double cost = cost(ours.assigned(rows, "embedding", centres, "cluster"), centres) / count;
      double mllibCost = theirs.summary().trainingCost() / count;
      bench.figure("kmeans_seconds", "s", seconds);
      bench.figure("kmeans_times_as_fast_as_mllib", "x", mllib / seconds);
      bench.figure("kmeans_cost_of_mllibs", "share", cost / mllibCost);
      bench.table(
          BenchTable.of(
                  "k-means", "vectors x dims, clusters", "", "seconds", "mean squared distance")
              .row(asked(count, clusters), "KMeans", number("%.1f", seconds), number("%.5f", cost))
              .row(
                  asked(count, clusters), "MLlib", number("%.1f", mllib), number("%.5f", mllibCost))
              .note(
                  String.format(
                      Locale.ROOT,
                      "The same vectors in memory, starts of their own, %d iterations at most; one"
                          + " run of each, one after the other.",
                      ITERATIONS)));
    } finally {
      rows.unpersist();
    }
  }

  private static Dataset<Row> rows(Bench bench, int count) {
    float[][] vectors = SyntheticVectors.grouped("k-means", count, DIMS, GROUPS);
    return SyntheticVectors.table(bench.spark(), "id", vectors)
        .withColumn("vector", functions.array_to_vector(col("embedding")))
        .persist();
  }

  /** The sum of squared distances of {@code embedding} to its {@code cluster}'s centre. */
  private static double cost(Dataset<Row> assigned, float[][] centres) {
    double cost = 0;
    for (Row row : assigned.select("embedding", "cluster").collectAsList()) {
      float[] vector = RowVectors.of(row, 0);
      float[] centre = centres[row.getInt(1)];
      for (int d = 0; d < centre.length; d++) {
        double difference = vector[d] - centre[d];
        cost += difference * difference;
      }
    }
    return cost;
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static String size(int count) {
    return String.format(Locale.ROOT, "%,d x %d", count, DIMS);
  }

  private static String asked(int count, int clusters) {
    return String.format(Locale.ROOT, "%s, %,d", size(count), clusters);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
