package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.jobs.bench.GrowthExponent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;

/** How our step's time grows with its batch, the length of its texts and its width. */
final class StepGrowthSection {
  private static final int WARM_UP = 4;
  private static final int RUNS = 5;

  void measure(Bench bench) throws IOException {
    StepShape base = StepShape.SMALL.withPairs(16);
    BenchTable.Builder table =
        BenchTable.of("Growth of a step", "grows", "sizes", "seconds, lowest", "exponent");
    grow(bench, table, "batch", new int[] {16, 32, 64}, base::withPairs);
    grow(bench, table, "length", new int[] {64, 128, 256}, base::withLength);
    grow(bench, table, "width", new int[] {128, 256, 512}, base::withDims);
    bench.table(
        table.note(
            "From "
                + base
                + ". Attention grows with the square of the length, products with the square of the"
                + " width; the update of the tables with the batch's distinct tokens."));
  }

  private static void grow(
      Bench bench,
      BenchTable.Builder table,
      String name,
      int[] sizes,
      IntFunction<StepShape> shapes)
      throws IOException {
    double[] seconds = new double[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      seconds[i] = lowest(shapes.apply(sizes[i]));
    }
    double exponent = GrowthExponent.of(Arrays.stream(sizes).asDoubleStream().toArray(), seconds);
    bench.figure("engine_growth_with_" + name, "exponent", exponent);
    table.row(
        name,
        Arrays.toString(sizes),
        Arrays.stream(seconds).mapToObj(s -> String.format(Locale.ROOT, "%.3f", s)).toList() + "",
        String.format(Locale.ROOT, "%.2f", exponent));
  }

  private static double lowest(StepShape shape) throws IOException {
    Path folder = Files.createTempDirectory("batchwright-engine-");
    try (StepProcess program = StepProcess.ours(shape, StepWork.DENSE, folder)) {
      double lowest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < WARM_UP + RUNS; i++) {
        double seconds = program.step();
        lowest = i < WARM_UP ? lowest : Math.min(lowest, seconds);
      }
      return lowest;
    } finally {
      ChildBench.delete(folder);
    }
  }
}
