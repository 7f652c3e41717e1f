package io.batchwright.data.mixture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.RandomStream;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every mixture promises, and the figures of each. */
class MixtureContractTest {
  private static final SortedMap<String, Long> ROWS = new TreeMap<>(Map.of("a", 80L, "b", 20L));

  static List<Mixture> members() {
    return Techniques.of(Mixture.class).stream()
        .map(member -> (Mixture) Techniques.defaults(member).orElseThrow())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("members")
  void sharesSumToOneAndThePaperIsNamed(Mixture member) {
    assertThat(member.getClass().getAnnotation(Paper.class)).isNotNull();
    assertThat(member.shares(ROWS)).containsOnlyKeys("a", "b");
    assertThat(member.shares(ROWS).values().stream().mapToDouble(Double::doubleValue).sum())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void aHighTemperatureLiftsTheSmallSource() {
    assertThat(Proportional.PAPER.shares(ROWS)).containsEntry("a", 0.8);
    assertThat(new Temperature(1e9).shares(ROWS).get("b")).isCloseTo(0.5, within(1e-6));
  }

  @Test
  void weightsStandForThemselvesWhateverTheRows() {
    assertThat(Weights.DEFAULTS.shares(ROWS)).isEqualTo(Map.of("a", 0.5, "b", 0.5));
    Weights threeToOne = new Weights(List.of(new SourceWeight("b", 3)));
    assertThat(threeToOne.shares(ROWS)).isEqualTo(Map.of("a", 0.25, "b", 0.75));
  }

  @Test
  void quotasAreWholeAndSumToTheTotal() {
    SortedMap<String, Double> shares = new TreeMap<>(Map.of("a", 0.55, "b", 0.25, "c", 0.2));
    assertThat(Quotas.ofTotal(shares, 7)).isEqualTo(Map.of("a", 4L, "b", 2L, "c", 1L));
  }

  @Test
  void anEpochIsAsLongAsTheSourceThatIsWantedMost() {
    assertThat(Weights.DEFAULTS.quotas(ROWS)).isEqualTo(Map.of("a", 20L, "b", 20L));
    assertThat(new Weights(List.of(new SourceWeight("a", 8))).quotas(ROWS))
        .isEqualTo(Map.of("a", 80L, "b", 10L));
    assertThat(new Weights(List.of(new SourceWeight("a", 0))).quotas(ROWS))
        .isEqualTo(Map.of("a", 0L, "b", 20L));
  }

  /** Shares of odd numbers are not whole in binary, and no sample may go for that. */
  @Test
  void proportionalQuotasAreAllRows() {
    RandomStream random = RandomStream.of(3, "rows", 0, 0);
    for (int i = 0; i < 500; i++) {
      SortedMap<String, Long> rows = new TreeMap<>();
      for (int source = 0; source < 1 + i % 9; source++) {
        rows.put("s" + source, 1 + random.belowAt(10L * i + source, i % 2 == 0 ? 90 : 1L << 40));
      }
      assertThat(Proportional.PAPER.quotas(rows)).isEqualTo(rows);
      assertThat(new Temperature(3).quotas(rows))
          .allSatisfy((source, quota) -> assertThat(quota).isBetween(0L, rows.get(source)));
    }
  }

  @Test
  void sharesThatAreNoneAndSourcesThatAreNotThereAreNamed() {
    assertThatExceptionOfType(BatchwrightException.class)
        .isThrownBy(() -> new Weights(List.of(new SourceWeight("c", 1))).shares(ROWS))
        .withMessage("Weights.weights: no sample is of the source c; there are [a, b].")
        .matches(failure -> failure.exitCode() == 2);
    List<SourceWeight> nothing = List.of(new SourceWeight("a", 0), new SourceWeight("b", 0));
    assertThatExceptionOfType(BatchwrightException.class)
        .isThrownBy(() -> new Weights(nothing).shares(ROWS))
        .withMessageContaining("all sources are 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Weights(List.of(new SourceWeight("a", 1), new SourceWeight("a", 2))));
    assertThatIllegalArgumentException().isThrownBy(() -> new SourceWeight("a", Double.NaN));
    for (SortedMap<String, Double> wrong :
        List.of(
            new TreeMap<>(Map.of("a", 1.0)),
            new TreeMap<>(Map.of("a", 0.9, "b", 0.2)),
            new TreeMap<>(Map.of("a", 1.5, "b", -0.5)),
            new TreeMap<>(Map.of("a", 1.0, "b", Double.NaN)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Fixed(wrong).quotas(ROWS))
          .withMessageStartingWith("Fixed.shares must");
    }
  }

  /** A mixture from outside that says whatever it is told. */
  private record Fixed(SortedMap<String, Double> given) implements CustomMixture {
    @Override
    public SortedMap<String, Double> shares(SortedMap<String, Long> rows) {
      return given;
    }
  }
}
