package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.RandomStream;
import io.batchwright.train.evaluation.PairedComparison.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  @Test
  void theIntervalOfAMeanIsAboutItsStandardErrorWide() {
    double[] values = gaussian("values", 400);
    double mean = Arrays.stream(values).average().orElseThrow();
    double deviation =
        Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / 399);

    Interval interval = PairedBootstrap.DEFAULTS.overQueries(400).interval(values);

    double expectedHalf = 1.96 * deviation / Math.sqrt(400);
    assertThat(interval.mean()).isCloseTo(mean, within(1e-12));
    assertThat(interval.high() - mean).isCloseTo(expectedHalf, within(0.1 * expectedHalf));
    assertThat(mean - interval.low()).isCloseTo(expectedHalf, within(0.1 * expectedHalf));
  }

  /** 95 % intervals of 400 samples should cover the true mean 380 times, give or take 4 x 4.4. */
  @Test
  void intervalsCoverTheTrueMeanAboutAsOftenAsPromised() {
    int covered = 0;
    for (int sample = 0; sample < 400; sample++) {
      double[] values = gaussian("sample " + sample, 60);
      Interval interval = new PairedBootstrap(500, 0.95, sample).overQueries(60).interval(values);
      covered += interval.low() <= 0 && 0 <= interval.high() ? 1 : 0;
    }
    assertThat(covered).isBetween(360, 397);
  }

  @Test
  void queriesThatFailTogetherWidenTheIntervalWhenGroupsAreResampled() {
    int groups = 40;
    int perGroup = 10;
    double[] effects = gaussian("groups", groups);
    double[] values = new double[groups * perGroup];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      values[i] = effects[i / perGroup];
      names.add("class " + i / perGroup);
    }

    Interval byQuery = PairedBootstrap.DEFAULTS.overQueries(values.length).interval(values);
    Interval byGroup = PairedBootstrap.DEFAULTS.overGroups(names).interval(values);

    double ratio = (byGroup.high() - byGroup.low()) / (byQuery.high() - byQuery.low());
    assertThat(ratio).isCloseTo(Math.sqrt(perGroup), within(0.5));
  }

  @Test
  void aSmallSteadyDifferenceWinsAndNoiseTies() {
    double[] base = gaussian("base", 300);
    double[] noise = gaussian("noise", 300);
    double[] better = new double[300];
    double[] same = new double[300];
    for (int i = 0; i < 300; i++) {
      better[i] = base[i] + 0.05 + 0.1 * noise[i];
      same[i] = base[i] + 0.1 * (noise[i] - mean(noise));
    }
    PairedBootstrap.Resamples resamples = PairedBootstrap.DEFAULTS.overQueries(300);

    assertThat(resamples.compare(better, base).outcome()).isEqualTo(Outcome.WIN);
    assertThat(resamples.compare(base, better).outcome()).isEqualTo(Outcome.LOSS);
    assertThat(resamples.compare(better, base).p()).isLessThan(0.001);
    assertThat(resamples.compare(same, base).outcome()).isEqualTo(Outcome.TIE);
    assertThat(resamples.compare(same, base).p()).isGreaterThan(0.9);
    assertThat(resamples.compare(base, base))
        .isEqualTo(new PairedComparison(0, 0, 0, 1))
        .extracting(PairedComparison::outcome)
        .isEqualTo(Outcome.TIE);
  }

  @Test
  void theSameSeedGivesTheSameInterval() {
    double[] values = gaussian("values", 50);
    assertThat(PairedBootstrap.DEFAULTS.overQueries(50).interval(values))
        .isEqualTo(PairedBootstrap.DEFAULTS.overQueries(50).interval(values));
    assertThat(new PairedBootstrap(2000, 0.95, 18).overQueries(50).interval(values))
        .isNotEqualTo(PairedBootstrap.DEFAULTS.overQueries(50).interval(values));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double[] gaussian(String purpose, int count) {
    RandomStream random = RandomStream.of(5, purpose, 0, 0);
    double[] values = new double[count];
    Arrays.setAll(values, random::gaussianAt);
    return values;
  }
}
