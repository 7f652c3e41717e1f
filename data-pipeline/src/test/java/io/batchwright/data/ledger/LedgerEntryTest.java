package io.batchwright.data.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerEntryTest {
  @Test
  void everyRowIsAccountedFor() {
    LedgerEntry entry =
        LedgerEntry.of("duplicates", 10, 6)
            .with(Map.of("exact", 2L, "near", 1L), Map.of("utf8", 1L));
    assertThat(entry.balanced()).isTrue();
    assertThat(entry.requireBalanced()).isEqualTo(entry);
  }

  @Test
  void aMissingRowFailsWithTheFigures() {
    LedgerEntry entry = LedgerEntry.of("duplicates", 10, 6).with(Map.of("exact", 2L), Map.of());
    assertThatThrownBy(entry::requireBalanced)
        .isInstanceOfSatisfying(
            BatchwrightException.class, e -> assertThat(e.exitCode()).isEqualTo(3))
        .hasMessageContaining("stage duplicates")
        .hasMessageContaining("10 in")
        .hasMessageContaining("exact=2");
  }

  @Test
  void aSplittingStageStatesWhatItAdded() {
    assertThat(LedgerEntry.of("corpus", 3, 9).expandedBy(6).balanced()).isTrue();
    assertThat(LedgerEntry.of("corpus", 3, 9).balanced()).isFalse();
  }
}
