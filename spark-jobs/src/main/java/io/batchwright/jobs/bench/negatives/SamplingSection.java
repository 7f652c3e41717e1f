package io.batchwright.jobs.bench.negatives;

import com.sun.management.OperatingSystemMXBean;
import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.cluster.KMeans;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.VectorRows;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.engine.StepCost;
import io.batchwright.jobs.bench.engine.StepShape;
import io.batchwright.jobs.pipeline.ClustersRecipe;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What looking at vectors costs a step of the experiment's encoder, by processor seconds: clusters
 * or neighbours made anew for every epoch, or as often as a paper makes them.
 */
final class SamplingSection {
  private static final int SAMPLES = 40_000;
  private static final int BATCH = 256;
  private static final int POOL = 129;

  /** Epochs that share pools of neighbours in Sample4Geo's paper. */
  private static final int POOL_EPOCHS = 4;

  /** Samples of a cluster of k-means, on the mean. */
  private static final int PER_CLUSTER = 200;

  private static final String NGAME = "sampling_overhead_share";
  private static final String NEIGHBOURS = "sampling_overhead_share_sample4geo";
  private static final String NEIGHBOURS_OF_PAPER = "sampling_overhead_share_sample4geo_4_epochs";
  private static final String K_MEANS = "sampling_overhead_share_tas";

  /** What it measures. */
  static final List<String> METRICS = List.of(NGAME, NEIGHBOURS, NEIGHBOURS_OF_PAPER, K_MEANS);

  /** The experiment's encoder at its batch size. */
  private static final StepShape ENCODER = new StepShape(13_861, 128, 2, 4, 512, BATCH, 48);

  /**
   * How a policy looks at vectors.
   *
   * @param seconds of the processor, each time
   * @param epochs that share what it made
   */
  private record Policy(String name, String metric, double seconds, int epochs) {}

  void measure(Bench bench) {
    int count = bench.recipe().size(SAMPLES, SAMPLES);
    float[][] queries = vectors("sampling.queries", count);
    float[][] positives = vectors("sampling.positives", count);
    double step = StepCost.processorSeconds(ENCODER);
    int clusters = BalancedTwoMeans.clustersFor(count, BATCH / 4);
    double halves = processorSeconds(() -> BalancedTwoMeans.PAPER.cluster(queries, clusters, 1, 0));
    double neighbours = processorSeconds(() -> search(queries, positives));
    double kMeans = kMeans(bench.spark(), queries);
    BenchTable.Builder table =
        BenchTable.of(
            "Sampling beside an encoder's step",
            "policy",
            "seconds each time",
            "epochs that share it",
            "seconds a step",
            "share of a step");
    int steps = Math.max(1, count / BATCH);
    for (Policy policy :
        List.of(
            new Policy("Ngame, clusters anew each epoch", NGAME, halves, 1),
            new Policy("Sample4Geo, neighbours anew each epoch", NEIGHBOURS, neighbours, 1),
            new Policy(
                "Sample4Geo, neighbours every four epochs, as the paper",
                NEIGHBOURS_OF_PAPER,
                neighbours,
                POOL_EPOCHS),
            new Policy(
                "Tas, k-means anew each epoch; the paper has it once", K_MEANS, kMeans, 1))) {
      row(bench, table, policy, steps, step);
    }
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "Processor seconds. %,d samples, vectors of %d dims, %d pairs a step; the encoder is %s"
                    + " and takes %.2f processor seconds a step. Encoding the vectors anew is not"
                    + " counted: NGAME's memory bank keeps those of the training steps. K-means has"
                    + " %d clusters, %d iterations at most.",
                count,
                ENCODER.dims(),
                BATCH,
                ENCODER,
                step,
                count / PER_CLUSTER,
                ClustersRecipe.DEFAULTS.iterations())));
  }

  private static float[][] vectors(String purpose, int count) {
    return SyntheticVectors.grouped(purpose, count, ENCODER.dims(), Math.max(1, count / 20));
  }

  private static void row(
      Bench bench, BenchTable.Builder table, Policy policy, int steps, double step) {
    double aStep = policy.seconds() / policy.epochs() / steps;
    bench.figure(policy.metric(), "share", aStep / step);
    table.row(
        policy.name(),
        String.format(Locale.ROOT, "%.2f", policy.seconds()),
        Integer.toString(policy.epochs()),
        String.format(Locale.ROOT, "%.4f", aStep),
        String.format(Locale.ROOT, "%.4f", aStep / step));
  }

  private static void search(float[][] queries, float[][] positives) {
    try (Backend backend = Backends.cpu()) {
      new ExactSearch(1024, 4096, false)
          .search(
              backend, VectorRows.of(queries), VectorRows.of(positives), Similarity.COSINE, POOL);
    }
  }

  /** Seconds of finding clusters and giving each sample its own. */
  private static double kMeans(SparkSession spark, float[][] queries) {
    Dataset<Row> samples = SyntheticVectors.table(spark, "sample", queries).persist();
    try {
      samples.count();
      KMeans clusters =
          new KMeans(queries.length / PER_CLUSTER, ClustersRecipe.DEFAULTS.iterations(), false, 1);
      return processorSeconds(
          () ->
              clusters
                  .assigned(
                      samples,
                      "embedding",
                      clusters.centres(samples, "sample", "embedding"),
                      "cluster")
                  .groupBy("cluster")
                  .count()
                  .collectAsList());
    } finally {
      samples.unpersist();
    }
  }

  /** Of all threads of this process. */
  private static double processorSeconds(Runnable work) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long start = system.getProcessCpuTime();
    work.run();
    return (system.getProcessCpuTime() - start) / 1e9;
  }
}
