package io.batchwright.jobs.bench.negatives;

import com.sun.management.OperatingSystemMXBean;
import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.VectorRows;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.engine.StepCost;
import io.batchwright.jobs.bench.engine.StepShape;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * What looking at vectors costs a step of the experiment's encoder, by processor seconds: clusters
 * or neighbours made anew for every epoch.
 */
final class SamplingSection {
  private static final int SAMPLES = 40_000;
  private static final int BATCH = 256;
  private static final int POOL = 129;

  /** The experiment's encoder at its batch size. */
  private static final StepShape ENCODER = new StepShape(13_861, 128, 2, 4, 512, BATCH, 48);

  void measure(Bench bench) {
    int count = bench.recipe().size(SAMPLES, SAMPLES);
    float[][] queries =
        SyntheticVectors.grouped(
            "sampling.queries", count, ENCODER.dims(), Math.max(1, count / 20));
    float[][] positives =
        SyntheticVectors.grouped(
            "sampling.positives", count, ENCODER.dims(), Math.max(1, count / 20));
    double step = StepCost.processorSeconds(ENCODER);
    int clusters = BalancedTwoMeans.clustersFor(count, BATCH / 4);
    double clustering =
        processorSeconds(() -> BalancedTwoMeans.PAPER.cluster(queries, clusters, 1, 0));
    double neighbours = processorSeconds(() -> search(queries, positives));
    BenchTable.Builder table =
        BenchTable.of(
            "Sampling beside an encoder's step",
            "policy",
            "seconds an epoch",
            "seconds a step",
            "share of a step");
    int steps = Math.max(1, count / BATCH);
    row(
        bench,
        table,
        "Ngame, clusters anew each epoch",
        "sampling_overhead_share",
        clustering,
        steps,
        step);
    row(
        bench,
        table,
        "Sample4Geo, neighbours anew each epoch",
        "sampling_overhead_share_sample4geo",
        neighbours,
        steps,
        step);
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "Processor seconds. %,d samples, vectors of %d dims, %d pairs a step; the encoder is %s"
                    + " and takes %.2f processor seconds a step. Encoding the vectors anew is not"
                    + " counted: NGAME's memory bank keeps those of the training steps.",
                count,
                ENCODER.dims(),
                BATCH,
                ENCODER,
                step)));
  }

  private static void row(
      Bench bench,
      BenchTable.Builder table,
      String policy,
      String metric,
      double seconds,
      int steps,
      double step) {
    double share = seconds / steps / step;
    bench.figure(metric, "share", share);
    table.row(
        policy,
        String.format(Locale.ROOT, "%.2f", seconds),
        String.format(Locale.ROOT, "%.4f", seconds / steps),
        String.format(Locale.ROOT, "%.4f", share));
  }

  private static void search(float[][] queries, float[][] positives) {
    try (Backend backend = Backends.cpu()) {
      new ExactSearch(1024, 4096, false)
          .search(
              backend, VectorRows.of(queries), VectorRows.of(positives), Similarity.COSINE, POOL);
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
