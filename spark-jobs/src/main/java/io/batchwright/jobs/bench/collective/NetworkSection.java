package io.batchwright.jobs.bench.collective;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.train.collective.Ranks;
import java.util.Locale;

/** What the ring would cost on networks that are not here: arithmetic, nothing measured. */
final class NetworkSection {
  private static final int[] RANKS = {8, 64, 512};
  private static final double[] GIGABITS = {25, 200};

  /** One hop of TCP in a data centre, with the wake-up of the receiver. */
  private static final double HOP_SECONDS = 30e-6;

  /** The share of the line that TCP and the ring's headers leave. */
  private static final double LINE_SHARE = 0.9;

  /**
   * Of a step of two towers with one encoder, the part in which its gradients become complete:
   * forward is a third, and the second half of the backward pass, which is two, another.
   */
  private static final double HIDING_SHARE = 1.0 / 3;

  private static final String[] MODELS = {
    "MiniLM-L6, 22.7 M weights", "BERT-base, 109.5 M weights"
  };
  private static final double[] WEIGHTS = {22.7e6, 109.5e6};

  void measure(Bench bench) {
    BenchTable.Builder table =
        BenchTable.of(
            "All-reduce of all gradients on larger networks (arithmetic)",
            "model",
            "ranks",
            "Gbit/s",
            "seconds a step",
            "of which latency",
            "step that hides all of it",
            "step whose 5 % it is, unhidden");
    for (int model = 0; model < MODELS.length; model++) {
      for (int ranks : RANKS) {
        for (double gigabits : GIGABITS) {
          double bytes = 4 * WEIGHTS[model];
          double segments = Math.ceil(bytes / Ranks.segmentBytes(ranks));
          double latency = segments * 2 * (ranks - 1) * HOP_SECONDS;
          double line = 2.0 * (ranks - 1) / ranks * bytes / (LINE_SHARE * gigabits / 8 * 1e9);
          table.row(
              MODELS[model],
              Integer.toString(ranks),
              String.format(Locale.ROOT, "%.0f", gigabits),
              String.format(Locale.ROOT, "%.3f", line + latency),
              String.format(Locale.ROOT, "%.3f", latency),
              String.format(Locale.ROOT, "%.1f s", (line + latency) / HIDING_SHARE),
              String.format(Locale.ROOT, "%.1f s", (line + latency) / 0.05));
        }
      }
    }
    bench.table(
        table.note(
            "2 (n - 1) / n times the gradients' bytes (float32) over %.0f %% of the line, and for each"
                    .formatted(100 * LINE_SHARE)
                + " segment (512 KB a rank, at most 16 MB; one after the other) 2 (n - 1) hops of %.0f us;"
                    .formatted(HOP_SECONDS * 1e6)
                + " one rank a host. Gradients go while the backward pass computes the rest: a step"
                + " hides all of it that takes three times as long, since an encoder of both"
                + " queries and documents has its gradients complete in the last third of a step."
                + " Where latency is most of it, a tree or hierarchical rings would be needed."));
  }
}
