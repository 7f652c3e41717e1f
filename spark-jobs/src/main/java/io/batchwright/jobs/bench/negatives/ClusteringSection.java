package io.batchwright.jobs.bench.negatives;

import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.cluster.Clusters;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import java.util.Locale;

/** Balanced hierarchical 2-means, in memory on all cores. */
final class ClusteringSection {
  private static final int DIMS = 128;
  private static final int SIZE = 64;
  private static final int GROUPS = 5_000;

  void measure(Bench bench) {
    int count = bench.recipe().size(100_000, 1_000_000);
    float[][] vectors = SyntheticVectors.grouped("clustering", count, DIMS, GROUPS);
    int clusters = BalancedTwoMeans.clustersFor(count, SIZE);
    long start = System.nanoTime();
    Clusters found = BalancedTwoMeans.PAPER.cluster(vectors, clusters, 1, 0);
    double seconds = (System.nanoTime() - start) / 1e9;
    bench.figure("clustering_seconds", "s", seconds);
    bench.figure("clustering_vectors_per_second", "vectors/s", count / seconds);
    bench.table(
        BenchTable.of(
                "Balanced hierarchical 2-means", "vectors x dims", "clusters", "sizes", "seconds")
            .row(
                String.format(Locale.ROOT, "%,d x %d", count, DIMS),
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
}
