package io.batchwright.jobs.bench.negatives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FindingsTest {
  private static final int QUERIES = 200;
  private static final List<String> GROUPS =
      IntStream.range(0, QUERIES).mapToObj(q -> "group " + q / 5).toList();

  @Test
  void aGainWinsOnlyBesideALevelControl() {
    SetResults level = results(q -> noise(q) + 0.05, q -> noise(q) + (q % 2 == 0 ? 0.001 : -0.001));
    assertThat(verdict(level, "A1")).isEqualTo("wins");
    assertThat(verdict(level, "C1")).isEqualTo("level, as it must be");
    SetResults moved = results(q -> noise(q) + 0.05, q -> noise(q) + 0.03);
    assertThat(verdict(moved, "A1")).isEqualTo("gains, but C1 is not level");
    assertThat(verdict(moved, "C1")).isEqualTo("NOT level");
  }

  @Test
  void withoutAControlNothingWins() {
    List<ArmResult> arms = new ArrayList<>();
    arms.add(arm("A0", FindingsTest::noise));
    arms.add(arm("A1", q -> noise(q) + 0.05));
    arms.add(ArmResult.missing(named("C1"), "not run yet"));
    SetResults of = of(arms);
    assertThat(verdict(of, "A1")).isEqualTo("gains, but C1 is missing");
    assertThat(verdict(of, "C1")).isEmpty();
  }

  @Test
  void smallOrUncertainGainsShowNothingAndLossesAreNamed() {
    assertThat(verdict(results(q -> noise(q) + 0.009, FindingsTest::noise), "A1"))
        .isEqualTo("no difference shown");
    // A gain of 0.02 on average that one group alone brings.
    assertThat(verdict(results(q -> noise(q) + (q < 5 ? 0.8 : 0), FindingsTest::noise), "A1"))
        .isEqualTo("no difference shown");
    assertThat(verdict(results(q -> noise(q) - 0.05, FindingsTest::noise), "A1"))
        .isEqualTo("loses");
  }

  @Test
  void thePrimaryComparisonAloneIsNotCorrected() {
    List<ArmResult> arms =
        List.of(
            arm("A0", FindingsTest::noise),
            arm("A1", q -> noise(q) + spread(q)),
            arm("A3", q -> noise(q) + spread(q)),
            arm("A4", q -> noise(q) + spread(q)));
    SetResults of = of(arms);
    Findings findings = new Findings(List.of(of));
    Findings.Finding primary = findings.of(of, of.arm("A4").orElseThrow()).orElseThrow();
    Findings.Finding other = findings.of(of, of.arm("A1").orElseThrow()).orElseThrow();
    assertThat(primary.primary()).isTrue();
    assertThat(other.difference().p()).isEqualTo(primary.difference().p()).isBetween(1e-3, 0.5);
    assertThat(other.adjusted()).isEqualTo(Math.min(1, 2 * primary.adjusted()));
    assertThat(findings.corrected()).isEqualTo(2);
  }

  @Test
  void armsAreComparedOverTheSeedsThatBothHave() {
    ArmResult two = arm("A1", q -> 0.5, q -> 0.9);
    SetResults of = of(List.of(arm("A0", q -> 0.4), two));
    Findings findings = new Findings(List.of(of));
    assertThat(findings.of(of, two).orElseThrow().difference().difference())
        .isCloseTo(0.1, within(1e-12));
    assertThat(two.mean(Questions.NDCG.key())).isEqualTo(0.7);
    assertThat(two.deviation()).isCloseTo(0.2828, within(1e-4));
  }

  private static double noise(int query) {
    return 0.3 + 0.2 * Math.sin(query * 12.9898);
  }

  /** Gains of some groups and losses of others. */
  private static double spread(int query) {
    return 0.02 + 0.1 * Math.sin(query / 5 * 78.233);
  }

  private static SetResults results(IntToDoubleFunction arm, IntToDoubleFunction control) {
    return of(List.of(arm("A0", FindingsTest::noise), arm("A1", arm), arm("C1", control)));
  }

  private static SetResults of(List<ArmResult> arms) {
    return new SetResults(TrialSet.ALL.get(0), 256, 10, 1_000, 2_000, 50, GROUPS, arms);
  }

  private static ArmResult arm(String name, IntToDoubleFunction... seeds) {
    List<TrialResult> results = new ArrayList<>();
    for (IntToDoubleFunction seed : seeds) {
      double[] ndcg = IntStream.range(0, QUERIES).mapToDouble(seed).toArray();
      SortedMap<String, Double> metrics =
          new TreeMap<>(Map.of(Questions.NDCG.key(), Arrays.stream(ndcg).average().orElseThrow()));
      results.add(
          new TrialResult(
              10,
              1,
              0,
              List.of(),
              metrics,
              metrics,
              ndcg,
              BatchFigures.NONE,
              Double.NaN,
              new TreeMap<>()));
    }
    return new ArmResult(named(name), 0.01, results, "");
  }

  private static Arm named(String name) {
    return Arm.ALL.stream().filter(arm -> arm.name().equals(name)).findFirst().orElseThrow();
  }

  private static String verdict(SetResults of, String arm) {
    return new Findings(List.of(of)).verdict(of, of.arm(arm).orElseThrow());
  }
}
