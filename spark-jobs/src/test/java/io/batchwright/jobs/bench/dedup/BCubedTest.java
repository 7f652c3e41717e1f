package io.batchwright.jobs.bench.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BCubedTest {
  @Test
  void equalClusteringsAgreeWhateverTheirNames() {
    assertThat(BCubed.of(new int[] {1, 1, 2, 3}, new int[] {7, 7, 9, 8}))
        .isEqualTo(new BCubed(1, 1));
  }

  @Test
  void theExampleOfThePaperComesOut() {
    // Truth: five of A, two of B, five of C; found: A whole, B and C together.
    int[] truth = {0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2};
    int[] found = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1};
    BCubed agreement = BCubed.of(found, truth);
    assertThat(agreement.precision()).isCloseTo(0.76, within(0.005));
    assertThat(agreement.recall()).isEqualTo(1);
    assertThat(agreement.f1()).isCloseTo(0.865, within(0.005));
  }

  @Test
  void singletonsOfOneClusterHaveFullPrecision() {
    BCubed agreement = BCubed.of(new int[] {0, 1, 2, 3}, new int[] {5, 5, 5, 5});
    assertThat(agreement).isEqualTo(new BCubed(1, 0.25));
  }
}
