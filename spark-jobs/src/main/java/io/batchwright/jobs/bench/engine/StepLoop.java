package io.batchwright.jobs.bench.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The side of {@link StepProcess} that runs in the child: a step for every line it is sent. */
final class StepLoop {
  static final String READY = "batchwright-bench ready";
  static final String STEP = "batchwright-bench step ";

  private StepLoop() {}

  /** The number of the step that a line asks for, 0 where it asks for the only one. */
  static int number(String line) {
    return line.isBlank() ? 0 : Integer.parseInt(line.strip());
  }

  /** Runs {@code step}, which gets the line and returns its loss, until there are no more. */
  static void run(ToDoubleFunction<String> step) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println(READY);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      long start = System.nanoTime();
      double loss = step.applyAsDouble(line);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(Locale.ROOT, "%s%.6f %.6f%n", STEP, seconds, loss);
    }
  }
}
