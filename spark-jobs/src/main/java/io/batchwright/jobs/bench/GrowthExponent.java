package io.batchwright.jobs.bench;

/** How time grows with size: the exponent of the power law through measured points. */
public final class GrowthExponent {
  private GrowthExponent() {}

  /**
   * The slope of the least-squares line through {@code (log size, log seconds)}.
   *
   * @param sizes at least two different sizes, each above 0
   * @param seconds their times, each above 0
   */
  public static double of(double[] sizes, double[] seconds) {
    if (sizes.length != seconds.length || sizes.length < 2) {
      throw new IllegalArgumentException(
          "sizes and seconds must be of one length of at least 2, got %d and %d"
              .formatted(sizes.length, seconds.length));
    }
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < sizes.length; i++) {
      meanX += Math.log(sizes[i]) / sizes.length;
      meanY += Math.log(seconds[i]) / sizes.length;
    }
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < sizes.length; i++) {
      double x = Math.log(sizes[i]) - meanX;
      covariance += x * (Math.log(seconds[i]) - meanY);
      variance += x * x;
    }
    if (variance == 0) {
      throw new IllegalArgumentException("all sizes are " + sizes[0]);
    }
    return covariance / variance;
  }
}
