package io.batchwright.jobs.pipeline;

import io.batchwright.technique.Check;

/**
 * How many there are of what {@code found} were seen of, each drawn by itself with probability
 * {@code share}.
 *
 * <p>The interval is Wilson's score interval of a binomial count whose variance is {@code n p (1 -
 * p)}: the numbers n for which {@code |found - n p| <= z sqrt(n p (1 - p))}. It holds for small
 * counts, none included, and shrinks to a point at a share of 1.
 *
 * @param found how many were seen
 * @param share the probability of each, in (0, 1]
 */
record SampledCount(long found, double share) {
  /** Of 95 %. */
  private static final double Z = 1.959964;

  SampledCount {
    Check.range("SampledCount.share", share, 0, false, 1, true);
  }

  /** The unbiased estimate. */
  double estimate() {
    return found / share;
  }

  /** The lower end of the 95 % interval. */
  double low() {
    return Math.max(found, (middle() - half()) / share);
  }

  /** The upper end. */
  double high() {
    return (middle() + half()) / share;
  }

  private double middle() {
    return found + Z * Z * (1 - share) / 2;
  }

  private double half() {
    return Z * Math.sqrt((1 - share) * (found + Z * Z * (1 - share) / 4));
  }
}
