package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Every kind of operation by us and by PyTorch, one thread each, in turn. */
final class OperationSection {
  private static final String METRIC = "engine_operations_slowest_ratio_to_pytorch";

  /** Below this ratio an operation is named with its reason. */
  private static final double SLOW = 0.5;

  /** Calls between two looks at the clock. */
  private static final int CALLS = 5;

  void measure(Bench bench) throws IOException {
    Optional<Path> jars = PyTorchJars.of(bench);
    if (jars.isEmpty()) {
      bench.notMeasured(METRIC, PyTorchJars.MISSING);
      return;
    }
    Path folder = Files.createTempDirectory("batchwright-operations-");
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("operations")) {
      List<Operation> ours = Operations.all(backend, arena);
      PyTorchJars.copyModule("operations.pt", folder);
      try (StepProcess peer = StepProcess.pyTorchOperations(jars.get(), folder)) {
        report(bench, backend.provider(), ours, peer);
      }
    } finally {
      ChildBench.delete(folder);
    }
  }

  private static void report(Bench bench, String provider, List<Operation> ours, StepProcess peer)
      throws IOException {
    BenchTable.Builder table =
        BenchTable.of("Operations", "operation", "ours, ms", "PyTorch, ms", "PyTorch / ours");
    List<Double> ratios = new ArrayList<>();
    List<String> slow = new ArrayList<>();
    for (Operation operation : ours) {
      double[] best = best(operation, peer, bench.recipe().size(12, 40));
      double ratio = best[1] / best[0];
      ratios.add(ratio);
      table.row(operation.name(), milliseconds(best[0]), milliseconds(best[1]), ratio(ratio));
      bench.say("  %-56s %s", operation.name(), ratio(ratio));
      if (ratio < SLOW) {
        slow.add("%s (%s): %s".formatted(operation.name(), ratio(ratio), reason(operation)));
      }
    }
    bench.figure(METRIC, "ratio", ratios.stream().mapToDouble(r -> r).min().orElseThrow());
    double[] sorted = ratios.stream().mapToDouble(r -> r).sorted().toArray();
    bench.figure("engine_operations_median_ratio_to_pytorch", "ratio", sorted[sorted.length / 2]);
    bench.figure("engine_operations_slower_than_half_of_pytorch", "operations", slow.size());
    slow.forEach(line -> bench.say("  slower than half of PyTorch's: %s", line));
    bench.table(
        table.note(
            "%s against PyTorch 2.7.1, one thread each, float32; the best of each over rounds in"
                    .formatted(provider)
                + " turn. PyTorch allocates its results, we write into tensors that are there, as"
                + " both do in training. Above 1 we are faster. Slower than half of PyTorch's: "
                + (slow.isEmpty() ? "none" : String.join("; ", slow))
                + "."));
  }

  private static String reason(Operation operation) {
    return operation.reason().isEmpty() ? "the reason is not known" : operation.reason();
  }

  private static double[] best(Operation operation, StepProcess peer, int rounds)
      throws IOException {
    double[] best = new double[2];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      for (int call = 0; call < CALLS; call++) {
        operation.once().run();
      }
      best[0] = Math.min(best[0], (System.nanoTime() - start) / 1e9 / CALLS);
      best[1] = Math.min(best[1], peer.step(CALLS + " " + operation.name()) / CALLS);
    }
    return best;
  }

  private static String milliseconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", 1000 * seconds);
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
