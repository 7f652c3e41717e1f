package io.batchwright.technique;

import java.util.Arrays;

/**
 * Range checks of recipe fields. Each failure names the field, the value and the legal range, so
 * that a recipe's mistakes can be listed as they are.
 */
public final class Check {
  private Check() {}

  /** Requires {@code low <= value <= high}, with each end open or closed as stated. */
  public static void range(
      String field,
      double value,
      double low,
      boolean lowIncluded,
      double high,
      boolean highIncluded) {
    boolean aboveLow = lowIncluded ? value >= low : value > low;
    boolean belowHigh = highIncluded ? value <= high : value < high;
    if (!(aboveLow && belowHigh)) {
      throw new IllegalArgumentException(
          "%s must be in %s%s, %s%s, got %s"
              .formatted(
                  field,
                  lowIncluded ? "[" : "(",
                  number(low),
                  number(high),
                  highIncluded ? "]" : ")",
                  number(value)));
    }
  }

  /** Requires a finite {@code value > 0}. */
  public static void positive(String field, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(field + " must be positive, got " + number(value));
    }
  }

  /** Requires a finite {@code value >= minimum}. */
  public static void atLeast(String field, double value, double minimum) {
    if (!(value >= minimum) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          field + " must be at least " + number(minimum) + ", got " + number(value));
    }
  }

  /** Requires a text that is not blank. */
  public static void notBlank(String field, String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(field + " must not be empty");
    }
  }

  /** Requires {@code value} to be one of {@code legal}. */
  public static void oneOf(String field, String value, String... legal) {
    if (!Arrays.asList(legal).contains(value)) {
      throw new IllegalArgumentException(
          field + " must be one of " + String.join(", ", legal) + ", got " + value);
    }
  }

  /** Requires {@code holds}; the message is {@code field + " " + requirement}. */
  public static void that(boolean holds, String field, String requirement) {
    if (!holds) {
      throw new IllegalArgumentException(field + " " + requirement);
    }
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
