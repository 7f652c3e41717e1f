package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.train.evaluation.Interval;
import io.batchwright.train.evaluation.Mrr;
import io.batchwright.train.evaluation.PairedComparison;
import io.batchwright.train.evaluation.RecallAtK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The tables and metrics of an experiment. */
record Figures(Findings findings) {
  private static final String MISSING = "-";

  /** Baselines of several lengths, for equal time. */
  private static final List<String> LENGTHS = List.of("A0", "A0x2", "A11");

  void publish(Bench bench) {
    for (SetResults of : findings.sets()) {
      bench.table(equalSteps(of));
      bench.table(equalTime(of));
      curves(of).ifPresent(bench::table);
      if (of.batch() == QualitySection.BATCH) {
        metrics(bench, of);
      }
    }
  }

  /** Says of all metrics of a set why they are missing. */
  static void missing(Bench bench, TrialSet set, String reason) {
    for (Arm arm : Arm.ALL) {
      if (!arm.metric().isEmpty() && !suffix(set).isEmpty()) {
        bench.notMeasured(name(arm, set), reason);
      }
    }
  }

  private void metrics(Bench bench, SetResults of) {
    for (ArmResult arm : of.arms()) {
      if (arm.arm().metric().isEmpty()) {
        continue;
      }
      String name = name(arm.arm(), of.set());
      if (!arm.there()) {
        bench.notMeasured(name, arm.missing());
        continue;
      }
      Interval figure = Findings.figure(of, arm);
      bench.figure(name, "nDCG@10", figure.mean());
      bench.figure(name + "_low", "nDCG@10", figure.low());
      bench.figure(name + "_high", "nDCG@10", figure.high());
    }
  }

  private static String name(Arm arm, TrialSet set) {
    return "ndcg10_" + arm.metric() + suffix(set);
  }

  private static String suffix(TrialSet set) {
    return set.name().equals("javadoc") ? "" : "_" + set.name().replace('-', '_');
  }

  private BenchTable equalSteps(SetResults of) {
    BenchTable.Builder table =
        BenchTable.of(
            "%s, %d pairs a step, %,d steps".formatted(of.set().name(), of.batch(), of.steps()),
            "arm",
            "what",
            "rate",
            "seeds",
            "nDCG@10",
            "against A0",
            "p",
            "SD of seeds",
            "MRR@10",
            "R@1",
            "R@100",
            "pairs left",
            "in-batch hardness",
            "verdict");
    for (ArmResult arm : of.arms()) {
      if (arm.there()) {
        row(table, of, arm);
      } else {
        String[] cells = new String[14];
        Arrays.fill(cells, MISSING);
        cells[0] = arm.arm().name();
        cells[1] = arm.arm().title();
        cells[13] = arm.missing();
        table.row(cells);
      }
    }
    return table.note(note(of));
  }

  /** What arms find after parts of their steps, where any was looked at. */
  private static Optional<BenchTable> curves(SetResults of) {
    int seed = Math.toIntExact(LearningCurve.SEED);
    List<ArmResult> drawn =
        of.arms().stream()
            .filter(arm -> arm.seeds().size() >= seed)
            .filter(arm -> !arm.seeds().get(seed - 1).curve().isEmpty())
            .toList();
    if (drawn.isEmpty()) {
      return Optional.empty();
    }
    List<String> columns = new ArrayList<>(List.of("arm", "rate"));
    LearningCurve.PERCENT.forEach(percent -> columns.add("%d %%".formatted(percent)));
    columns.add("100 %");
    BenchTable.Builder table =
        BenchTable.of(
            "%s, %d pairs a step: nDCG@10 after parts of the steps"
                .formatted(of.set().name(), of.batch()),
            columns.toArray(String[]::new));
    for (ArmResult arm : drawn) {
      TrialResult result = arm.seeds().get(seed - 1);
      List<String> cells = new ArrayList<>(List.of(arm.arm().name(), Double.toString(arm.rate())));
      for (int percent : LearningCurve.PERCENT) {
        cells.add(text("%.4f", result.curve().get(percent)));
      }
      cells.add(text("%.4f", result.test().get(Questions.NDCG.key())));
      table.row(cells.toArray(String[]::new));
    }
    return Optional.of(
        table.note(
            text(
                "Seed %d alone, test queries; the rate falls over all steps, so an early figure is"
                    + " not that of a training of so few.",
                seed)));
  }

  private void row(BenchTable.Builder table, SetResults of, ArmResult arm) {
    Interval figure = Findings.figure(of, arm);
    Optional<Findings.Finding> found = findings.of(of, arm);
    table.row(
        arm.arm().name(),
        arm.arm().title(),
        Double.toString(arm.rate()),
        Integer.toString(arm.seeds().size()),
        text("%.4f [%.4f, %.4f]", figure.mean(), figure.low(), figure.high()),
        found.map(f -> text(f.difference())).orElse(MISSING),
        found
            .map(f -> text("%.4f%s", f.adjusted(), f.primary() ? " (primary)" : ""))
            .orElse(MISSING),
        arm.seeds().size() < 2 ? MISSING : text("%.4f", arm.deviation()),
        text("%.4f", arm.mean(new Mrr(10).key())),
        text("%.4f", arm.mean(new RecallAtK(1).key())),
        text("%.4f", arm.mean(new RecallAtK(100).key())),
        left(arm),
        hardness(arm),
        findings.verdict(of, arm));
  }

  private static String hardness(ArmResult arm) {
    if (!Double.isNaN(arm.hardness())) {
      return text("%.4f (random %.4f)", arm.hardness(), arm.randomHardness());
    }
    return Double.isNaN(arm.lastHardness())
        ? MISSING
        : text("%.4f (last epoch)", arm.lastHardness());
  }

  private static String left(ArmResult arm) {
    return Double.isNaN(arm.left())
        ? MISSING
        : text("%.1f %%%s", 100 * arm.left(), arm.remnant() ? ", a REMNANT" : "");
  }

  private String note(SetResults of) {
    return text(
        "Data: %s. %,d training pairs, %,d documents searched, a step is %.2f %% of the documents;"
            + " %,d test queries in %,d groups, %,d others chose the rate (of %s, by the first seed)."
            + " Means over %s seeds; intervals of 95 %% by a paired bootstrap over groups; p after"
            + " Holm over %d comparisons, without correction for the primary one (%s against A0 on"
            + " javadoc, %d pairs a step), which was named beforehand. An arm wins where it gains"
            + " at least %.2f, the interval leaves out zero, p is below %.2f and C1 is level. Pairs"
            + " left: the share that had negatives enough, in the epoch with fewest; an arm of less"
            + " than 90 %% differs from A0 by its pairs, too. In-batch hardness: the share of the"
            + " other positives in a query's step that are among its 100 nearest and no known"
            + " answer, in the first epoch by the vectors that batches were made of, or where these"
            + " were made anew in the last by the miner's.",
        of.set().data().description(),
        of.samples(),
        of.documents(),
        100.0 * of.batch() / of.documents(),
        of.groups().size(),
        of.groups().stream().distinct().count(),
        of.tuning(),
        of.set().network().rates(),
        Findings.seeds(of),
        findings.corrected(),
        Arm.PRIMARY,
        QualitySection.BATCH,
        Findings.GAIN,
        Findings.LEVEL);
  }

  private static BenchTable equalTime(SetResults of) {
    BenchTable.Builder table =
        BenchTable.of(
            "%s, %d pairs a step: equal time".formatted(of.set().name(), of.batch()),
            "arm",
            "seconds, all counted",
            "of them before training",
            "the A0 nearest in time",
            "its seconds",
            "of the arm's",
            "against it");
    for (ArmResult arm : of.arms()) {
      Optional<ArmResult> nearest = arm.there() ? nearest(of, arm) : Optional.empty();
      if (nearest.isEmpty() || LENGTHS.contains(arm.arm().name())) {
        continue;
      }
      table.row(
          arm.arm().name(),
          text("%.0f", arm.totalSeconds()),
          text("%.0f", arm.seeds().get(0).ingredientSeconds()),
          nearest.get().arm().name(),
          text("%.0f", nearest.get().totalSeconds()),
          text("%.2f", nearest.get().totalSeconds() / arm.totalSeconds()),
          Findings.compare(of, arm, nearest.get().arm().name()).map(Figures::text).orElse(MISSING));
    }
    return table.note(
        "Seconds of all stages from buckets to the trained model, and of what the arm needs besides:"
            + " models, vectors, searches, each counted once, though other arms share them. Only a"
            + " run on an idle machine says something about time, and only that of an encoder"
            + " something about encoders. Where the baseline had less than 0.8 of the arm's time or"
            + " more than 1.25, the times are not equal.");
  }

  private static Optional<ArmResult> nearest(SetResults of, ArmResult arm) {
    return LENGTHS.stream()
        .flatMap(name -> of.arm(name).stream())
        .filter(ArmResult::there)
        .min(
            Comparator.comparingDouble(
                base -> Math.abs(Math.log(base.totalSeconds() / arm.totalSeconds()))));
  }

  private static String text(PairedComparison difference) {
    return text(
        "%+.4f [%+.4f, %+.4f]", difference.difference(), difference.low(), difference.high());
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
