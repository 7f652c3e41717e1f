package io.batchwright.train.rank;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Where the time of each rank went, and whether one of them held up the others.
 *
 * <p>Ranks take each step together, so a slow one shows in the waiting of all others: the straggler
 * is the rank that is busy longest, with its batches and its computing.
 *
 * @param ranks in the order of ranks
 */
public record Stragglers(List<RankReport> ranks) {
  /** A rank this much busier than the mean of the others is named. */
  private static final double WORTH_A_WORD = 1.2;

  /** And only where the others waited for this share of their steps. */
  private static final double WORTH_ATTENTION = 0.05;

  /** One line a rank: steps, computing, reducing, waiting, data. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (RankReport rank : ranks) {
      lines.add(
          String.format(
              Locale.ROOT,
              "rank %d (%s): %,d steps in %.1f s: compute %.1f, reduce %.1f, wait %.1f, data %.1f",
              rank.rank(),
              rank.host(),
              rank.stepsTaken(),
              rank.stepSeconds(),
              rank.computeSeconds() - rank.reduceSeconds(),
              rank.reduceSeconds(),
              rank.waitSeconds(),
              rank.dataSeconds()));
    }
    return lines;
  }

  /** The seconds of each rank by name, such as {@code train_rank_1_wait_seconds}. */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new TreeMap<>();
    for (RankReport rank : ranks) {
      String name = "train_rank_%d_".formatted(rank.rank());
      metrics.put(name + "step_seconds", rank.stepSeconds());
      metrics.put(name + "reduce_seconds", rank.reduceSeconds());
      metrics.put(name + "wait_seconds", rank.waitSeconds());
      metrics.put(name + "data_seconds", rank.dataSeconds());
    }
    return metrics;
  }

  /** What people should know, if one rank held up the others noticeably. */
  public Optional<String> warning() {
    if (ranks.size() < 2) {
      return Optional.empty();
    }
    RankReport slowest = ranks.stream().max(Comparator.comparingDouble(Stragglers::busy)).get();
    double others = mean(slowest, Stragglers::busy);
    double waited = mean(slowest, RankReport::waitSeconds);
    double steps = mean(slowest, RankReport::stepSeconds);
    if (busy(slowest) < WORTH_A_WORD * others || waited < WORTH_ATTENTION * steps) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "rank %d (%s) was busy %.1f times as long as the other ranks, which waited %.0f %% of their time",
            slowest.rank(),
            slowest.host(),
            busy(slowest) / others,
            100 * waited / steps));
  }

  private double mean(RankReport without, ToDoubleFunction<RankReport> figure) {
    return ranks.stream()
        .filter(rank -> rank.rank() != without.rank())
        .mapToDouble(figure)
        .average()
        .orElseThrow();
  }

  private static double busy(RankReport rank) {
    return rank.computeSeconds() + rank.dataSeconds();
  }
}
