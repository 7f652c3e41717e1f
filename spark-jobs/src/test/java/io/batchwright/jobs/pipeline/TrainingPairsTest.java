package io.batchwright.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.failure.BatchwrightException;
import org.junit.jupiter.api.Test;

class TrainingPairsTest {
  @Test
  void pairsThatAreLeftAreEnough() {
    assertThatCode(() -> TrainingPairs.require(1, 5)).doesNotThrowAnyException();
    assertThatCode(() -> TrainingPairs.requirePlanned(1, 5)).doesNotThrowAnyException();
  }

  @Test
  void documentsAloneAndQueriesThatAllWentAreToldApart() {
    assertThatThrownBy(() -> TrainingPairs.require(0, 0))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("batchwright dedup");
    assertThatThrownBy(() -> TrainingPairs.require(0, 1234))
        .hasMessageContaining("no training pair left of 1,234 queries")
        .hasMessageContaining("removed_split");
  }

  @Test
  void aPlanWithoutStepsNamesTheKeysThatHelp() {
    assertThatThrownBy(() -> TrainingPairs.requirePlanned(0, 800))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("800 training samples fill no batch")
        .hasMessageContaining("batches.policy.pairsPerStep");
  }
}
