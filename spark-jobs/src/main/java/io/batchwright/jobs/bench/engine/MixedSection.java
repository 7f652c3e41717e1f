package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.kernel.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What not padding is worth: texts of mixed lengths against PyTorch, which pads them; the better of
 * one thread and two on each side.
 */
final class MixedSection {
  private static final int WARM_UP = 2;
  private static final String OURS = "ours, as they come, 1 thread";
  private static final String OURS_2 = "ours, as they come, 2 threads";
  private static final String SORTED = "PyTorch, like lengths together, 1 thread";
  private static final String SORTED_2 = "PyTorch, like lengths together, 2 threads";
  private static final String PADDED_2 = "PyTorch, as they come, 2 threads";

  private final StepShape shape;

  MixedSection(StepShape shape) {
    this.shape = shape;
  }

  void measure(Bench bench) throws IOException {
    Optional<Path> jars = PyTorchJars.of(bench);
    if (jars.isEmpty()) {
      bench.notMeasured("engine_mixed_ratio_to_sorted_pytorch", PyTorchJars.MISSING);
      return;
    }
    Path folder = Files.createTempDirectory("batchwright-engine-");
    Map<String, StepProcess> programs = new LinkedHashMap<>();
    try {
      PyTorchJars.copyModule("training_step.pt", folder);
      programs.put(OURS, StepProcess.ours(shape, StepWork.MIXED, folder));
      programs.put(OURS_2, StepProcess.ours(shape, StepWork.MIXED, Precision.FLOAT32, 2, folder));
      programs.put(SORTED, StepProcess.pyTorch(shape, 1, StepWork.SORTED, jars.get(), folder));
      programs.put(SORTED_2, StepProcess.pyTorch(shape, 2, StepWork.SORTED, jars.get(), folder));
      programs.put(PADDED_2, StepProcess.pyTorch(shape, 2, StepWork.MIXED, jars.get(), folder));
      report(bench, passes(bench, programs));
    } finally {
      programs.values().forEach(StepProcess::close);
      ChildBench.delete(folder);
    }
  }

  /** Seconds of passes over all texts, the programs in turn. */
  private static Map<String, double[]> passes(Bench bench, Map<String, StepProcess> programs)
      throws IOException {
    int rounds = bench.recipe().size(3, 7);
    Map<String, double[]> seconds = new LinkedHashMap<>();
    programs.keySet().forEach(program -> seconds.put(program, new double[rounds]));
    for (int round = -WARM_UP; round < rounds; round++) {
      for (Map.Entry<String, StepProcess> program : programs.entrySet()) {
        double time = 0;
        for (int step = 0; step < MixedTexts.STEPS; step++) {
          time += program.getValue().step(Integer.toString(step));
        }
        if (round >= 0) {
          seconds.get(program.getKey())[round] = time;
        }
      }
    }
    return seconds;
  }

  private void report(Bench bench, Map<String, double[]> seconds) {
    MixedTexts texts = new MixedTexts(shape, false);
    double[] ours = StepSection.better(seconds.get(OURS), seconds.get(OURS_2));
    double[] sorted = StepSection.better(seconds.get(SORTED), seconds.get(SORTED_2));
    bench.figure("engine_mixed_ratio_to_sorted_pytorch", "ratio", StepSection.ratios(sorted, ours));
    bench.figure(
        "engine_mixed_ratio_to_sorted_pytorch_1_thread",
        "ratio",
        StepSection.ratios(seconds.get(SORTED), seconds.get(OURS)));
    bench.figure(
        "engine_mixed_ratio_to_pytorch", "ratio", StepSection.ratios(seconds.get(PADDED_2), ours));
    BenchTable.Builder table =
        BenchTable.of(
            "Texts of mixed lengths: " + shape,
            "program",
            "seconds, median",
            "tokens/s",
            "times our better");
    seconds.forEach(
        (program, times) -> {
          double median = StepSection.median(times);
          table.row(
              program,
              StepSection.number(median),
              String.format(Locale.ROOT, "%,.0f", texts.tokens() / median),
              String.format(
                  Locale.ROOT, "%.2f", StepSection.median(StepSection.ratios(times, ours))));
          bench.say("  %-42s %s s", program, StepSection.number(median));
        });
    bench.table(
        table.note(
            "Seconds of "
                + MixedTexts.STEPS
                + " steps; ratios are of the better of one thread and two on each side, which have"
                + " the same cores. Lengths are log-normal, queries of 12 tokens and"
                + " positives of 48 in the median, at least 4, at most the "
                + shape.length()
                + " named above; "
                + String.format(Locale.ROOT, "%,d", texts.tokens())
                + " tokens without padding. PyTorch pads the queries and the positives of a step"
                + " to their longest, behind a mask; with like lengths together its steps are"
                + " sorted by the positives, which changes what a text's negatives are."));
  }
}
