package io.batchwright.jobs.bench.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/** The side of {@link StepProcess} that runs in the child: a step for every line it is sent. */
final class StepLoop {
  static final String READY = "batchwright-bench ready";
  static final String STEP = "batchwright-bench step ";

  private StepLoop() {}

  /** Runs {@code step}, which returns its loss, until there are no more lines. */
  static void run(DoubleSupplier step) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println(READY);
    while (lines.readLine() != null) {
      long start = System.nanoTime();
      double loss = step.getAsDouble();
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(Locale.ROOT, "%s%.6f %.6f%n", STEP, seconds, loss);
    }
  }
}
