package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.RandomStream;
import org.junit.jupiter.api.Test;

class SampledCountTest {
  @Test
  void theIntervalHoldsTheTruthInNineteenOfTwentySeeds() {
    for (double share : new double[] {0.01, 0.1, 0.5}) {
      for (int truth : new int[] {40, 500}) {
        int seeds = 2_000;
        int held = 0;
        double mean = 0;
        for (int seed = 0; seed < seeds; seed++) {
          RandomStream stream = RandomStream.of(seed, "sampled count", 0, truth);
          long found = 0;
          for (int i = 0; i < truth; i++) {
            found += stream.uniformAt(i) < share ? 1 : 0;
          }
          SampledCount count = new SampledCount(found, share);
          held += count.low() <= truth && truth <= count.high() ? 1 : 0;
          mean += count.estimate() / seeds;
        }
        assertThat((double) held / seeds).as("%s of %s", share, truth).isBetween(0.92, 0.985);
        double deviation = Math.sqrt(truth * (1 - share) / share / seeds);
        assertThat(mean).isCloseTo(truth, within(4 * deviation));
      }
    }
  }

  @Test
  void nothingFoundLeavesAnUpperBoundAndEverythingLeavesAPoint() {
    SampledCount none = new SampledCount(0, 0.01);
    assertThat(none.estimate()).isZero();
    assertThat(none.low()).isZero();
    assertThat(none.high()).isBetween(370.0, 390.0);
    SampledCount all = new SampledCount(7, 1);
    assertThat(all.low()).isEqualTo(7);
    assertThat(all.high()).isEqualTo(7);
  }
}
