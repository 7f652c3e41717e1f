package io.batchwright.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.run.BenchRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchPageTest {
  @Test
  void thePageHoldsTablesFiguresAndWhatIsMissing() {
    BenchRecord record =
        BenchRecord.here(
            "dedup", List.of(BenchRecord.Figure.of("dedup_speed", "MB/s", 12.3456, 10, 13)));
    BenchTable table = BenchTable.of("Speed", "data", "MB/s").row("javadoc", "12.3").note("Warm.");

    String page =
        BenchPage.of(record, BenchRecipe.DEFAULTS, List.of(table), Map.of("other", "needs --data"));

    assertThat(page)
        .startsWith("# bench dedup\n")
        .contains("| data | MB/s |\n| --- | --- |\n| javadoc | 12.3 |\n\nWarm.")
        .contains("| `dedup_speed` | MB/s | 12.35 | 10 | 13 | 3 |")
        .contains("- `other`: needs --data");
  }

  @Test
  void numbersHaveFourDigits() {
    assertThat(BenchPage.number(1234567)).isEqualTo("1,234,567");
    assertThat(BenchPage.number(0.012345)).isEqualTo("0.01235");
    assertThat(BenchPage.number(12345.6)).isEqualTo("12,346");
    assertThat(BenchPage.number(-0.5)).isEqualTo("-0.5000");
  }
}
