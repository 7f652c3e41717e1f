package io.batchwright.jobs.bench.collective;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.Ranks;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.loss.GradCache;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.schedule.Constant;
import io.batchwright.train.step.NotFinite;
import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.TrainStep;
import io.batchwright.train.step.Trainee;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * One step of a batch that is encoded chunk by chunk, beside the memory that it would need whole.
 */
final class LargeBatchSection {
  private static final int RANKS = 2;
  private static final int SMALL = 256;
  private static final Bert ENCODER =
      new Bert(2, 128, 4, 512, 32, 0, 0, Pooling.MEAN, Activations.KEPT);
  private static final DrawnPairs PAIRS = new DrawnPairs(8_192, 32);
  private static final InfoNce LOSS = new InfoNce(0.05, true, false, false, true, true);

  /** What a rank found. */
  private record Step(StepReport report, long peakBytes) {}

  void measure(Bench bench) throws Exception {
    int pairs = bench.recipe().size(2_048, 32_768);
    Step whole = step(SMALL, LOSS);
    Step chunks = step(pairs, new GradCache(LOSS, 64));
    double seconds = chunks.report().stepSeconds();
    bench.figure("gradcache_pairs", "pairs", pairs);
    bench.figure("gradcache_pairs_per_second", "1/s", pairs / seconds);
    bench.figure("gradcache_peak_mb_a_rank", "MB", chunks.peakBytes() / 1e6);
    BenchTable.Builder table =
        BenchTable.of(
            "One step of two ranks, an encoder of 2 layers of 128, texts of %d tokens"
                .formatted(PAIRS.length()),
            "pairs of the global batch",
            "texts at once",
            "MB a rank, peak",
            "seconds",
            "loss");
    row(table, SMALL, "all", whole);
    row(table, pairs, "64", chunks);
    bench.say(
        "  %,d pairs in chunks of 64 texts: %.0f MB a rank, %.1f s",
        pairs, chunks.peakBytes() / 1e6, seconds);
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "InfoNCE over the global batch, GradCache, AdamW. Activations of the whole batch"
                    + " would need %,.0f MB a rank, in proportion to the first row; every query"
                    + " still meets every document.",
                whole.peakBytes() / 1e6 * pairs / SMALL)));
  }

  private static void row(BenchTable.Builder table, int pairs, String atOnce, Step step) {
    table.row(
        String.format(Locale.ROOT, "%,d", pairs),
        atOnce,
        String.format(Locale.ROOT, "%,.0f", step.peakBytes() / 1e6),
        String.format(Locale.ROOT, "%.2f", step.report().stepSeconds()),
        String.format(Locale.ROOT, "%.3f", step.report().loss()));
  }

  private static Step step(int pairs, Loss loss) throws Exception {
    Ranks.Link link = new Ranks.Link(Duration.ofMinutes(10), false, 2);
    List<Step> ranks = Ranks.run(RANKS, link, rank -> run(rank, pairs, loss));
    return ranks.get(0);
  }

  private static Step run(Collective ranks, int pairs, Loss loss) {
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      ModelInstance model =
          ENCODER.build(PAIRS.vocabulary(), backend, run, RandomStream.of(1, "model", 0, 0));
      Trainee trainee =
          new Trainee(
              1,
              model,
              loss,
              AdamW.PAPER.build(model.parameters(), backend, run),
              new Constant(1e-4, 0, 0),
              1,
              1,
              NotFinite.FAIL);
      try (TrainStep trainStep = new TrainStep(trainee, ranks, backend, step, 0)) {
        int from = pairs * ranks.rank() / ranks.world();
        int to = pairs * (ranks.rank() + 1) / ranks.world();
        StepReport report = trainStep.run(PAIRS.of(0, from, to), 0);
        return new Step(report, step.peakBytes());
      }
    }
  }
}
