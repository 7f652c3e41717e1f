package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.kernel.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One step by us and by PyTorch, in turn: step by step, so that whatever else the machine does
 * befalls both. Each has one core, or two, in the ways that are its own, and the best of each side
 * is compared.
 */
final class StepSection {
  private static final int WARM_UP = 5;
  private static final String OURS = "ours, 1 thread";
  private static final String OURS_2 = "ours, 2 threads";
  private static final String RANKS_2 = "ours, 2 ranks of 1 thread";
  private static final String PEER = "PyTorch, 1 thread";
  private static final String PEER_2 = "PyTorch, 2 threads";
  private static final String PEER_SPARSE = "PyTorch, SparseAdam";
  private static final String BF16 = "ours, bf16";
  private static final String LAZY = "ours, touched rows only";

  private final String name;
  private final StepShape shape;

  /**
   * A section whose metric is {@code engine_NAME_ratio_to_pytorch}; with {@code _1_thread} behind
   * it, for one thread of each.
   */
  StepSection(String name, StepShape shape) {
    this.name = name;
    this.shape = shape;
  }

  void measure(Bench bench) throws IOException {
    StepShape scaled = shape.withPairs((int) Math.max(2, shape.pairs() * bench.recipe().scale()));
    Optional<Path> jars = PyTorchJars.of(bench);
    Path folder = Files.createTempDirectory("batchwright-engine-");
    Map<String, StepProcess> programs = new LinkedHashMap<>();
    try {
      programs.put(OURS, StepProcess.ours(scaled, StepWork.DENSE, folder));
      programs.put(OURS_2, StepProcess.ours(scaled, StepWork.DENSE, Precision.FLOAT32, 2, folder));
      programs.put(RANKS_2, StepProcess.ranks(scaled, 2, folder));
      if (jars.isPresent()) {
        PyTorchJars.copyModule("training_step.pt", folder);
        programs.put(PEER, StepProcess.pyTorch(scaled, 1, StepWork.DENSE, jars.get(), folder));
        programs.put(PEER_2, StepProcess.pyTorch(scaled, 2, StepWork.DENSE, jars.get(), folder));
      }
      if (scaled.layers() > 0) {
        programs.put(BF16, StepProcess.ours(scaled, StepWork.DENSE, Precision.BF16, 1, folder));
      } else {
        programs.put(LAZY, StepProcess.ours(scaled, StepWork.SPARSE, folder));
        if (jars.isPresent()) {
          programs.put(
              PEER_SPARSE, StepProcess.pyTorch(scaled, 1, StepWork.SPARSE, jars.get(), folder));
        }
      }
      report(bench, scaled, programs, seconds(bench, programs));
    } finally {
      programs.values().forEach(StepProcess::close);
      ChildBench.delete(folder);
    }
  }

  private static Map<String, double[]> seconds(Bench bench, Map<String, StepProcess> programs)
      throws IOException {
    int rounds = bench.recipe().size(9, 25);
    Map<String, double[]> seconds = new LinkedHashMap<>();
    programs.keySet().forEach(program -> seconds.put(program, new double[rounds]));
    for (int round = -WARM_UP; round < rounds; round++) {
      for (Map.Entry<String, StepProcess> program : programs.entrySet()) {
        double time = program.getValue().step();
        if (round >= 0) {
          seconds.get(program.getKey())[round] = time;
        }
      }
    }
    return seconds;
  }

  private void report(
      Bench bench,
      StepShape scaled,
      Map<String, StepProcess> programs,
      Map<String, double[]> seconds) {
    String metric = "engine_" + name + "_ratio_to_pytorch";
    double[] ours = seconds.get(OURS);
    double[] best = better(better(ours, seconds.get(OURS_2)), seconds.get(RANKS_2));
    bench.figure("engine_" + name + "_pairs_per_second", "1/s", rates(scaled, best));
    if (seconds.containsKey(PEER)) {
      double[] peer = seconds.get(PEER);
      bench.figure(metric, "ratio", ratios(better(peer, seconds.get(PEER_2)), best));
      bench.figure(metric + "_1_thread", "ratio", ratios(peer, ours));
    } else {
      bench.notMeasured(metric, PyTorchJars.MISSING);
    }
    if (seconds.containsKey(BF16)) {
      bench.figure("engine_" + name + "_float32_to_bf16", "ratio", ratios(ours, seconds.get(BF16)));
    }
    if (seconds.containsKey(PEER_SPARSE)) {
      bench.figure(
          metric + "_sparse", "ratio", ratios(seconds.get(PEER_SPARSE), seconds.get(LAZY)));
    }
    BenchTable.Builder table =
        BenchTable.of(
            "A training step: " + scaled,
            "program",
            "seconds, median",
            "lowest",
            "pairs/s",
            "times our best",
            "times ours, 1 thread",
            "loss");
    List<String> lines = new ArrayList<>();
    seconds.forEach(
        (program, times) -> {
          table.row(
              program,
              number(median(times)),
              number(Arrays.stream(times).min().orElseThrow()),
              String.format(Locale.ROOT, "%,.1f", scaled.pairs() / median(times)),
              String.format(Locale.ROOT, "%.2f", median(ratios(times, best))),
              String.format(Locale.ROOT, "%.2f", median(ratios(times, ours))),
              number(programs.get(program).loss()));
          lines.add("  %-26s %s s".formatted(program, number(median(times))));
        });
    lines.forEach(line -> bench.say("%s", line));
    bench.table(
        table.note(
            "Touched rows only is another algorithm than AdamW: LazyAdamW here, SparseAdam there."
                + " Forward of queries and positives, InfoNCE at 0.05, backward, clipping to norm 1, AdamW"
                + " with dense moments (ours replays the steps that a token's row missed, with the"
                + " same bits). float32 but where bf16 is named, no dropout, texts of equal length,"
                + " so nobody pads. The programs take steps in turn; times are medians over rounds."
                + " Two threads share each operation, ours and PyTorch's. Two ranks are threads of"
                + " one process, each with half of the pairs and all parameters; the loss is over"
                + " all pairs. The ratio is of the best of each side, which have the same cores."
                + " OPENBLAS_CORETYPE is removed from their environment. The last column is the"
                + " loss after as many steps; initial values are drawn from the same distributions,"
                + " not equal."));
  }

  /** The one with the lower median. */
  static double[] better(double[] one, double[] two) {
    return median(two) < median(one) ? two : one;
  }

  private static double[] rates(StepShape shape, double[] seconds) {
    return Arrays.stream(seconds).map(time -> shape.pairs() / time).toArray();
  }

  static double[] ratios(double[] theirs, double[] ours) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, i -> theirs[i] / ours[i]);
    return ratios;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
