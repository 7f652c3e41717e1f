package io.batchwright.jobs.bench.negatives;

import io.batchwright.train.evaluation.HolmCorrection;
import io.batchwright.train.evaluation.Interval;
import io.batchwright.train.evaluation.PairedBootstrap;
import io.batchwright.train.evaluation.PairedComparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All comparisons of an experiment. An arm wins where it gains at least {@value #GAIN}, the
 * interval leaves out zero, the corrected p-value is below {@value #LEVEL} (the primary comparison
 * needs no correction), and the control is level.
 */
final class Findings {
  static final double GAIN = 0.01;
  static final double LEVEL = 0.05;

  private final List<SetResults> sets;
  private final Map<Key, Finding> findings = new LinkedHashMap<>();

  private record Key(SetResults of, String arm) {}

  /**
   * An arm against the baseline, over the seeds that both have.
   *
   * @param adjusted the p-value, corrected unless the comparison is the primary one
   */
  record Finding(PairedComparison difference, boolean primary, double adjusted) {}

  Findings(List<SetResults> sets) {
    this.sets = sets;
    Map<Key, PairedComparison> compared = new LinkedHashMap<>();
    for (SetResults of : sets) {
      for (ArmResult arm : of.arms()) {
        if (!arm.arm().name().equals(Arm.BASELINE)) {
          compare(of, arm, Arm.BASELINE)
              .ifPresent(found -> compared.put(new Key(of, arm.arm().name()), found));
        }
      }
    }
    List<Key> others = compared.keySet().stream().filter(key -> !primary(key)).toList();
    double[] adjusted =
        HolmCorrection.adjusted(
            others.stream().mapToDouble(key -> compared.get(key).p()).toArray());
    compared.forEach(
        (key, found) ->
            findings.put(
                key,
                primary(key)
                    ? new Finding(found, true, found.p())
                    : new Finding(found, false, adjusted[others.indexOf(key)])));
  }

  private static boolean primary(Key key) {
    return key.arm.equals(Arm.PRIMARY) && key.of.primary();
  }

  /** An arm against another one, over the seeds that both have. */
  static Optional<PairedComparison> compare(SetResults of, ArmResult arm, String other) {
    Optional<ArmResult> base = of.arm(other).filter(ArmResult::there);
    if (!arm.there() || base.isEmpty()) {
      return Optional.empty();
    }
    int seeds = Math.min(arm.seeds().size(), base.get().seeds().size());
    return Optional.of(resamples(of).compare(arm.ndcg(seeds), base.get().ndcg(seeds)));
  }

  /** An arm's own figure. */
  static Interval figure(SetResults of, ArmResult arm) {
    return resamples(of).interval(arm.ndcg(arm.seeds().size()));
  }

  private static PairedBootstrap.Resamples resamples(SetResults of) {
    return PairedBootstrap.DEFAULTS.overGroups(of.groups());
  }

  Optional<Finding> of(SetResults of, ArmResult arm) {
    return Optional.ofNullable(findings.get(new Key(of, arm.arm().name())));
  }

  /** What the rule says of an arm. */
  String verdict(SetResults of, ArmResult arm) {
    Optional<Finding> found = of(of, arm);
    if (found.isEmpty()) {
      return "";
    }
    PairedComparison difference = found.get().difference();
    boolean sure = found.get().adjusted() < LEVEL;
    if (arm.arm().name().equals(Arm.CONTROL)) {
      return level(difference) ? "level, as it must be" : "NOT level";
    }
    if (difference.difference() <= -GAIN && difference.high() < 0 && sure) {
      return "loses";
    }
    boolean gains = difference.difference() >= GAIN && difference.low() > 0 && sure;
    if (!gains) {
      return "no difference shown";
    }
    return of.arm(Arm.CONTROL)
        .flatMap(control -> of(of, control))
        .map(control -> level(control.difference()) ? "wins" : "gains, but C1 is not level")
        .orElse("gains, but C1 is missing");
  }

  private static boolean level(PairedComparison control) {
    return Math.abs(control.difference()) < GAIN && control.low() <= 0 && control.high() >= 0;
  }

  /** How many comparisons were corrected. */
  long corrected() {
    return findings.values().stream().filter(found -> !found.primary()).count();
  }

  List<SetResults> sets() {
    return new ArrayList<>(sets);
  }

  /** The numbers of seeds that arms have, smallest and largest. */
  static String seeds(SetResults of) {
    IntStream counts =
        of.arms().stream().filter(ArmResult::there).mapToInt(arm -> arm.seeds().size());
    var summary = counts.summaryStatistics();
    return summary.getCount() == 0
        ? "none"
        : summary.getMin() == summary.getMax()
            ? "" + summary.getMin()
            : summary.getMin() + " to " + summary.getMax();
  }
}
