package io.batchwright.jobs.bench.negatives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class BatchFiguresTest {
  @Test
  void theEpochWithFewestPairsCounts() throws IOException {
    BatchFigures once =
        of("{ledger: {buckets: {in: 1000, dropped: {too_few_negatives: 70}}}, metrics: {}}");
    assertThat(once.left()).isCloseTo(0.93, within(1e-12));
    assertThat(once.remnant()).isFalse();
    assertThat(once.hardness()).isNaN();
    // Of three epochs that were mined anew, each went without 120 of the thousand on the mean.
    BatchFigures anew =
        of(
            "{ledger: {buckets: {in: 1000, dropped: {too_few_negatives: 70}},"
                + " train: {dropped: {too_few_negatives: 360}}}, metrics: {refreshes: 3}}");
    assertThat(anew.left()).isCloseTo(0.88, within(1e-12));
    assertThat(anew.remnant()).isTrue();
    // Pairs that a policy draws from: a query with one alone brings none, in each epoch.
    BatchFigures pairs =
        of(
            "{ledger: {buckets: {in: 1000, dropped: {too_few_negatives: 10}},"
                + " plan: {dropped: {single_pair: 60}}},"
                + " metrics: {epochs_planned: 3, batch_hardness: 0.04, batch_hardness_random: 0.002}}");
    assertThat(pairs.left()).isCloseTo(0.97, within(1e-12));
    assertThat(pairs.hardness()).isEqualTo(0.04);
    assertThat(pairs.randomHardness()).isEqualTo(0.002);
  }

  private static BatchFigures of(String run) throws IOException {
    return BatchFigures.of(JsonLinesFile.JSON.readTree(run.replaceAll("([a-z_]+):", "\"$1\":")));
  }
}
