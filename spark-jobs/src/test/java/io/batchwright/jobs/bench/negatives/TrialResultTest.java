package io.batchwright.jobs.bench.negatives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialResultTest {
  private static final SortedMap<String, Double> METRICS =
      new TreeMap<>(Map.of(Questions.NDCG.key(), 0.25));

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    TrialResult read = again(result(0.03, new TreeMap<>(Map.of(10, 0.125, 25, 0.2, 50, 0.24))));
    assertThat(read.steps()).isEqualTo(1_500);
    assertThat(read.totalSeconds()).isEqualTo(30);
    assertThat(read.test()).isEqualTo(METRICS);
    assertThat(read.ndcg()).containsExactly(0.5, 0);
    assertThat(read.lastHardness()).isEqualTo(0.03);
    assertThat(read.curve())
        .containsExactly(Map.entry(10, 0.125), Map.entry(25, 0.2), Map.entry(50, 0.24));
  }

  @Test
  void whatNobodyLookedAtIsMissing() throws IOException {
    TrialResult read = again(result(Double.NaN, Collections.emptySortedMap()));
    assertThat(read.lastHardness()).isNaN();
    assertThat(read.curve()).isEmpty();
  }

  private TrialResult again(TrialResult result) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toString());
    result.write(path, new Configuration());
    return TrialResult.read(path, new Configuration()).orElseThrow();
  }

  private static TrialResult result(double hardness, SortedMap<Integer, Double> curve) {
    return new TrialResult(
        1_500,
        20,
        10,
        List.of("miner"),
        METRICS,
        METRICS,
        new double[] {0.5, 0},
        BatchFigures.NONE,
        hardness,
        curve);
  }
}
