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
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.optimizer.AdamW;
import io.batchwright.train.schedule.Constant;
import io.batchwright.train.step.NotFinite;
import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.TrainStep;
import io.batchwright.train.step.Trainee;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The same global batch by one rank, by one of two threads, and by two ranks. */
final class ScalingSection {
  private static final Bert MINILM =
      new Bert(6, 384, 12, 1536, 512, 0, 0, Pooling.MEAN, Activations.KEPT);
  private static final int LENGTH = 128;
  private static final DrawnPairs PAIRS = new DrawnPairs(30_522, LENGTH);
  private static final int WARM_UP = 2;

  /** What one rank found. */
  private record Rank(StepReport[] reports, double hiddenShare) {}

  /** What the ranks of one world found. */
  private record Steps(double[] seconds, double waitShare, double hiddenShare) {}

  void measure(Bench bench) throws Exception {
    int pairs = bench.recipe().size(16, 64);
    int rounds = bench.recipe().size(4, 12);
    Steps one = steps(1, 1, pairs, rounds);
    Steps threads = steps(1, 2, pairs, rounds);
    Steps two = steps(2, 1, pairs, rounds);
    double speedup = lowest(one) / lowest(two);
    double overThreads = lowest(threads) / lowest(two);
    bench.figure("collective_scaling_1_to_2", "ratio", speedup);
    bench.figure("ranks2_over_threads2", "ratio", overThreads);
    bench.figure("collective_wait_share", "share", two.waitShare());
    bench.figure("collective_hidden_share", "share", two.hiddenShare());
    BenchTable.Builder table =
        BenchTable.of(
            "A training step of MiniLM-L6's size, %d pairs of %d tokens".formatted(pairs, LENGTH),
            "ranks",
            "seconds, lowest",
            "share waiting for the other",
            "share of dense reductions beside the backward pass");
    table.row("1", number(lowest(one)), number(one.waitShare()), "");
    table.row("1, two threads", number(lowest(threads)), "", "");
    table.row("2", number(lowest(two)), number(two.waitShare()), number(two.hiddenShare()));
    bench.say(
        "  1 rank %s s, on two threads %s s, 2 ranks %s s, speed-up %.2f, %.2f over two threads;"
            + " waiting %.3f, hidden %.3f",
        number(lowest(one)),
        number(lowest(threads)),
        number(lowest(two)),
        speedup,
        overThreads,
        two.waitShare(),
        two.hiddenShare());
    bench.table(
        table.note(
            "InfoNCE over the global batch, clipping, AdamW; one thread a rank that computes and"
                + " one that reduces, ranks in one process, joined over loopback. Waiting is time"
                + " in which a rank did nothing but wait for the other's data. One rank on two"
                + " threads (train.threads: 2) is what a user could do instead."));
  }

  private static Steps steps(int world, int threads, int pairs, int rounds) throws Exception {
    List<Rank> all = Ranks.run(world, ranks -> run(ranks, threads, pairs, rounds));
    double[] seconds = new double[rounds];
    double waited = 0;
    double total = 0;
    for (Rank rank : all) {
      for (int i = 0; i < rounds; i++) {
        StepReport report = rank.reports()[i];
        seconds[i] = Math.max(seconds[i], report.stepSeconds());
        waited += report.waitSeconds();
        total += report.stepSeconds();
      }
    }
    double hidden = all.stream().mapToDouble(Rank::hiddenShare).average().orElseThrow();
    return new Steps(seconds, waited / total, hidden);
  }

  private static Rank run(Collective ranks, int threads, int pairs, int rounds) {
    try (Backend backend = Backends.cpu(threads);
        Arena run = backend.arena("run");
        Arena step = run.child("step")) {
      ModelInstance model =
          MINILM.build(PAIRS.vocabulary(), backend, run, RandomStream.of(1, "model", 0, 0));
      Trainee trainee =
          new Trainee(
              1,
              model,
              new InfoNce(0.05, true, false, false, true, true),
              AdamW.PAPER.build(model.parameters(), backend, run),
              new Constant(1e-4, 0, 0),
              WARM_UP + rounds,
              1,
              NotFinite.FAIL);
      int from = pairs * ranks.rank() / ranks.world();
      int to = pairs * (ranks.rank() + 1) / ranks.world();
      StepReport[] reports = new StepReport[rounds];
      try (TrainStep trainStep = new TrainStep(trainee, ranks, backend, step, 0)) {
        for (int i = -WARM_UP; i < rounds; i++) {
          StepReport report = trainStep.run(PAIRS.of(i + WARM_UP, from, to), 0);
          if (i >= 0) {
            reports[i] = report;
          }
        }
        return new Rank(reports, trainStep.hiddenShare());
      }
    }
  }

  private static double lowest(Steps steps) {
    return Arrays.stream(steps.seconds()).min().orElseThrow();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
