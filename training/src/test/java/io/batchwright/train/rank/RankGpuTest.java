package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.failure.BatchwrightException;
import org.junit.jupiter.api.Test;

class RankGpuTest {

  @Test
  void addressesAreCountedOverTheVisibleDevices() {
    assertThat(RankGpu.ordinal("3", null)).isEqualTo(3);
    assertThat(RankGpu.ordinal("3", "2, 3")).isEqualTo(1);
    assertThat(RankGpu.ordinal("GPU-7c", "GPU-1a,GPU-7c")).isEqualTo(1);
    assertThat(RankGpu.ordinal("0", "GPU-1a")).as("renumbered by a device plugin").isZero();
    assertThatThrownBy(() -> RankGpu.ordinal("GPU-7c", null))
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(4))
        .hasMessageStartingWith("Spark gave this rank the GPU 'GPU-7c'");
  }
}
