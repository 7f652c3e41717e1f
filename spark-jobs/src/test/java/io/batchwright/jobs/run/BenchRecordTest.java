package io.batchwright.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.run.BenchRecord.Figure;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchRecordTest {
  @Test
  void aFigureHasMinMedianAndMax() {
    assertThat(Figure.of("x", "MB/s", 3, 1, 2)).isEqualTo(new Figure("x", "MB/s", 1, 2, 3, 3));
    assertThat(Figure.of("x", "s", 4, 1).median()).isEqualTo(2.5);
  }

  @Test
  void theRecordNamesHardwareAndCommit() {
    var json = BenchRecord.here("dedup", List.of(Figure.of("x", "s", 1))).toJson();
    assertThat(json.at("/environment/cores").asInt()).isPositive();
    assertThat(json.has("commit")).isTrue();
    assertThat(json.at("/figures/x/median").asDouble()).isEqualTo(1);
  }
}
