package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.train.checkpoint.BestValidation;
import java.util.List;
import org.junit.jupiter.api.Test;

class StragglersTest {
  @Test
  void theRankThatHoldsUpTheOthersIsNamed() {
    Stragglers stragglers =
        new Stragglers(List.of(report(0, 10, 5, 0), report(1, 14, 0.5, 0.5), report(2, 10, 5, 0)));
    assertThat(stragglers.warning())
        .hasValue(
            "rank 1 (host-1) was busy 1.5 times as long as the other ranks, which waited 33 % of"
                + " their time");
    assertThat(stragglers.lines())
        .contains(
            "rank 1 (host-1): 100 steps in 15.0 s: compute 13.0, reduce 1.0, wait 0.5, data 0.5");
    assertThat(stragglers.metrics())
        .hasSize(12)
        .containsEntry("train_rank_0_wait_seconds", 5.0)
        .containsEntry("train_rank_1_step_seconds", 15.0)
        .containsEntry("train_rank_2_reduce_seconds", 1.0)
        .containsEntry("train_rank_1_data_seconds", 0.5);
  }

  @Test
  void equalRanksAndWaitingThatHurtsNobodyAreNotWorthAWord() {
    assertThat(new Stragglers(List.of(report(0, 10, 1, 0), report(1, 11, 0, 0))).warning())
        .isEmpty();
    assertThat(new Stragglers(List.of(report(0, 10, 0.1, 0), report(1, 13, 0, 0))).warning())
        .isEmpty();
    assertThat(new Stragglers(List.of(report(0, 10, 0, 0))).warning()).isEmpty();
  }

  private static RankReport report(int rank, double compute, double wait, double data) {
    return new RankReport(
        rank,
        "host-" + rank,
        0,
        100,
        100,
        0,
        0.5,
        -1,
        100,
        BestValidation.NONE,
        false,
        "weights",
        compute + wait + data,
        compute,
        1,
        wait,
        data,
        1_000,
        1_000,
        "",
        "java",
        List.of(),
        "");
  }
}
