package io.batchwright.jobs.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads single values from their text; YAML's own typing plays no part. */
final class Scalars {
  private Scalars() {}

  /** The value of {@code type} that {@code field} states, or empty where it states none. */
  static Optional<Object> read(Class<?> type, String name, Given field) {
    if (!field.isScalar()) {
      return Optional.empty();
    }
    String text = field.text().strip();
    if (type == String.class) {
      return Optional.of(field.text());
    }
    if (type == boolean.class || type == Boolean.class) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "true" -> Optional.of(true);
        case "false" -> Optional.of(false);
        default -> Optional.empty();
      };
    }
    if (type == Duration.class) {
      return Units.duration(text).map(duration -> duration);
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    return isBytes(type, name) ? Units.bytes(text).map(bytes -> bytes) : number(type, text);
  }

  /** What a message says about a value that {@link #read} refused. */
  static String mistake(Class<?> type, String name, Given field) {
    if (type.isEnum() && field.isScalar()) {
      return "no such value" + Nearest.hint(field.text(), constants(type));
    }
    return expected(type, name) + (field.isScalar() ? "" : ", got " + field.describe());
  }

  /** What a message says a value should be. */
  static String expected(Class<?> type, String name) {
    if (isBytes(type, name)) {
      return "expected a size such as 512 MB";
    }
    if (type == Duration.class) {
      return "expected a duration such as 30 s, 5 min or 250 ms";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "expected true or false";
    }
    if (type == int.class || type == Integer.class) {
      return "expected a whole number within 32 bits";
    }
    if (type == long.class || type == Long.class) {
      return "expected a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "expected a number";
    }
    if (type.isEnum()) {
      return "expected one of " + String.join(", ", constants(type));
    }
    if (type == List.class) {
      return "expected a list";
    }
    if (Families.isFamily(type)) {
      return "expected one of " + String.join(", ", Families.names(type));
    }
    return type.isRecord() ? "expected a section" : "expected text";
  }

  /** A legal value to go on with after a mistake where there is no default. */
  static Object filler(Class<?> type) {
    return type.isEnum() ? type.getEnumConstants()[0] : null;
  }

  private static boolean isBytes(Class<?> type, String name) {
    return type == long.class && (name.endsWith("Bytes") || name.equals("bytes"));
  }

  private static Optional<Object> constant(Class<?> type, String text) {
    String wanted = text.replace('-', '_').replace(' ', '_');
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> ((Enum<?>) constant).name().equalsIgnoreCase(wanted))
        .map(constant -> (Object) constant)
        .findFirst();
  }

  private static List<String> constants(Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(constant -> Components.text((Enum<?>) constant))
        .toList();
  }

  private static Optional<Object> number(Class<?> type, String text) {
    try {
      BigDecimal number = new BigDecimal(text.replace("_", ""));
      if (type == int.class || type == Integer.class) {
        return Optional.of(number.intValueExact());
      }
      if (type == long.class || type == Long.class) {
        return Optional.of(number.longValueExact());
      }
      double value = number.doubleValue();
      return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
    } catch (ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
