package io.batchwright.jobs.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations such as {@code 30 s} and sizes such as {@code 512 MB}. */
final class Units {
  private static final Pattern QUANTITY = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
  private static final List<String> DURATION_UNITS = List.of("ms", "s", "min", "h", "d");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1000L, "min", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES =
      new TreeMap<>(
          Map.of(
              "", 1L, "b", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30, "tb", 1L << 40,
              "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30, "tib", 1L << 40));

  private Units() {}

  /** The duration {@code text} states, or empty where it states none. */
  static Optional<Duration> duration(String text) {
    return quantity(text, MILLIS).map(Duration::ofMillis);
  }

  /** The bytes {@code text} states; a bare number is bytes, and a KB is 1,024 of them. */
  static Optional<Long> bytes(String text) {
    return quantity(text, BYTES);
  }

  /** The duration in its largest whole unit. */
  static String text(Duration duration) {
    long millis = duration.toMillis();
    for (int i = DURATION_UNITS.size() - 1; i > 0; i--) {
      long unit = MILLIS.get(DURATION_UNITS.get(i));
      if (millis != 0 && millis % unit == 0) {
        return millis / unit + " " + DURATION_UNITS.get(i);
      }
    }
    return millis + " ms";
  }

  private static Optional<Long> quantity(String text, Map<String, Long> units) {
    Matcher matcher = QUANTITY.matcher(text.strip().replace("_", ""));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Long unit = units.get(matcher.group(2).toLowerCase(Locale.ROOT));
    if (unit == null) {
      return Optional.empty();
    }
    BigDecimal amount = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    try {
      return Optional.of(amount.setScale(0, RoundingMode.HALF_UP).longValueExact());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }
}
