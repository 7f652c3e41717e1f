package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Percentile bootstrap that resamples groups of queries, not queries.
 *
 * <p>Queries of one class share its vocabulary and succeed or fail together; resampling them one by
 * one makes intervals too narrow. A resample draws as many groups as there are, with replacement,
 * takes all their queries, and divides by the number of queries drawn. Every figure of an
 * evaluation uses the same resamples, so differences are paired.
 *
 * <p>The p-value follows Sakai (2006): the share of resamples whose difference, shifted to a mean
 * of zero, is at least as far from zero as the one observed, with one added to both counts.
 *
 * @param resamples how many, at least 100
 * @param confidence coverage of the intervals, in (0, 1)
 * @param seed fixes the draws
 */
@Paper(
    title = "Evaluating evaluation metrics based on the bootstrap (SIGIR 2006)",
    where = "section 3")
public record PairedBootstrap(int resamples, double confidence, long seed) {
  public static final PairedBootstrap DEFAULTS = new PairedBootstrap(2000, 0.95, 17);

  public PairedBootstrap {
    Check.atLeast("PairedBootstrap.resamples", resamples, 100);
    Check.range("PairedBootstrap.confidence", confidence, 0, false, 1, false);
  }

  /** Draws the resamples for queries that each form a group of their own. */
  public Resamples overQueries(int queries) {
    int[] own = new int[queries];
    Arrays.setAll(own, i -> i);
    return new Resamples(own, queries);
  }

  /** Draws the resamples for queries whose groups are named in the same order. */
  public Resamples overGroups(List<String> groups) {
    Map<String, Integer> ordinals = new LinkedHashMap<>();
    int[] group = new int[groups.size()];
    for (int i = 0; i < group.length; i++) {
      Integer next = ordinals.size();
      Integer known = ordinals.putIfAbsent(groups.get(i), next);
      group[i] = known == null ? next : known;
    }
    return new Resamples(group, ordinals.size());
  }

  /** The draws, ready for any number of value columns. */
  public final class Resamples {
    private final int[] group;
    private final int groups;
    private final int[] sizes;
    private final short[][] times;

    private Resamples(int[] group, int groups) {
      this.group = group;
      this.groups = groups;
      this.sizes = new int[groups];
      for (int g : group) {
        sizes[g]++;
      }
      this.times = new short[resamples][groups];
      for (int b = 0; b < resamples; b++) {
        RandomStream random = RandomStream.of(seed, "bootstrap", 0, b);
        for (int draw = 0; draw < groups; draw++) {
          times[b][(int) random.belowAt(draw, groups)]++;
        }
      }
    }

    public int groups() {
      return groups;
    }

    /** The mean of {@code values} with its percentile interval. */
    public Interval interval(double[] values) {
      double[] means = means(values);
      Arrays.sort(means);
      double tail = (1 - confidence) / 2;
      return new Interval(mean(values), quantile(means, tail), quantile(means, 1 - tail));
    }

    /** {@code first} minus {@code second}, query by query. */
    public PairedComparison compare(double[] first, double[] second) {
      if (first.length != second.length) {
        throw new IllegalArgumentException(
            "systems scored %d and %d queries".formatted(first.length, second.length));
      }
      double[] differences = new double[first.length];
      Arrays.setAll(differences, i -> first[i] - second[i]);
      Interval interval = interval(differences);
      double observed = interval.mean();
      long asFar =
          Arrays.stream(means(differences))
              .filter(mean -> Math.abs(mean - observed) >= Math.abs(observed))
              .count();
      return new PairedComparison(
          observed, interval.low(), interval.high(), (asFar + 1.0) / (resamples + 1.0));
    }

    private double[] means(double[] values) {
      if (values.length != group.length) {
        throw new IllegalArgumentException(
            "%d values for %d queries".formatted(values.length, group.length));
      }
      double[] sums = new double[groups];
      for (int i = 0; i < values.length; i++) {
        sums[group[i]] += values[i];
      }
      double[] means = new double[resamples];
      for (int b = 0; b < resamples; b++) {
        double sum = 0;
        long count = 0;
        for (int g = 0; g < groups; g++) {
          sum += times[b][g] * sums[g];
          count += (long) times[b][g] * sizes[g];
        }
        means[b] = count == 0 ? 0 : sum / count;
      }
      return means;
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** Linear interpolation between order statistics, as in R's type 7. */
  private static double quantile(double[] sorted, double share) {
    double position = share * (sorted.length - 1);
    int below = (int) Math.floor(position);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
