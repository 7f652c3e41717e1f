package io.batchwright.jobs.bench.negatives;

import java.util.Arrays;
import java.util.List;

/**
 * What an arm came to at the rate that was best for it.
 *
 * @param rate the peak rate
 * @param seeds results of the seeds 1, 2, 3 and so on, as far as they were run
 * @param missing why there is none; empty where there is
 */
record ArmResult(Arm arm, double rate, List<TrialResult> seeds, String missing) {
  ArmResult {
    seeds = List.copyOf(seeds);
  }

  static ArmResult missing(Arm arm, String reason) {
    return new ArmResult(arm, 0, List.of(), reason);
  }

  boolean there() {
    return !seeds.isEmpty();
  }

  /** nDCG@10 of each test query, the mean over the first {@code count} seeds. */
  double[] ndcg(int count) {
    double[] mean = new double[seeds.get(0).ndcg().length];
    for (TrialResult seed : seeds.subList(0, count)) {
      Arrays.setAll(mean, q -> mean[q] + seed.ndcg()[q] / count);
    }
    return mean;
  }

  /** The mean of a test metric over seeds. */
  double mean(String metric) {
    return seeds.stream().mapToDouble(seed -> seed.test().get(metric)).average().orElseThrow();
  }

  /** The standard deviation of nDCG@10 over seeds; 0 for one. */
  double deviation() {
    double mean = mean(Questions.NDCG.key());
    double squares =
        seeds.stream()
            .mapToDouble(seed -> seed.test().get(Questions.NDCG.key()) - mean)
            .map(difference -> difference * difference)
            .sum();
    return seeds.size() < 2 ? 0 : Math.sqrt(squares / (seeds.size() - 1));
  }

  /** The smallest share of training pairs that a seed was left with. */
  double left() {
    return seeds.stream().mapToDouble(seed -> seed.batches().left()).min().orElseThrow();
  }

  /** Whether that is so little that the arm differs from others by its pairs, too. */
  boolean remnant() {
    return seeds.stream().anyMatch(seed -> seed.batches().remnant());
  }

  /** In-batch hardness of the first epoch, the mean over seeds. */
  double hardness() {
    return seeds.stream().mapToDouble(seed -> seed.batches().hardness()).average().orElseThrow();
  }

  /** What it would be in random batches. */
  double randomHardness() {
    return seeds.stream()
        .mapToDouble(seed -> seed.batches().randomHardness())
        .average()
        .orElseThrow();
  }

  /** In-batch hardness of the last epoch, the mean over the seeds that know it; or NaN. */
  double lastHardness() {
    return seeds.stream()
        .mapToDouble(TrialResult::lastHardness)
        .filter(hardness -> !Double.isNaN(hardness))
        .average()
        .orElse(Double.NaN);
  }

  /** Seconds of a training and all that it needed, the mean over seeds. */
  double totalSeconds() {
    return seeds.stream().mapToDouble(TrialResult::totalSeconds).average().orElseThrow();
  }
}
