package io.batchwright.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear axis with round tick values.
 *
 * @param low the smallest value shown
 * @param high the largest value shown; above {@code low}
 * @param step the distance of two ticks: 1, 2 or 5 times a power of ten
 */
record Axis(double low, double high, double step) {

  /** An axis that covers {@code [low, high]} with about {@code ticks} round ticks. */
  static Axis covering(double low, double high, int ticks) {
    double span = high > low ? high - low : Math.max(Math.abs(low), 1) * 0.1;
    double raw = span / ticks;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double fraction = raw / power;
    double step = power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10);
    double first = Math.floor(low / step) * step;
    double last = Math.ceil(high / step) * step;
    return new Axis(first, last > first ? last : first + step, step);
  }

  /** Where {@code value} lies, as a share of the axis in [0, 1]. */
  double share(double value) {
    return (value - low) / (high - low);
  }

  List<Double> ticks() {
    List<Double> values = new ArrayList<>();
    long count = Math.round((high - low) / step);
    for (long i = 0; i <= count; i++) {
      double value = low + i * step;
      values.add(Math.abs(value) < step * 1e-9 ? 0.0 : value);
    }
    return values;
  }
}
