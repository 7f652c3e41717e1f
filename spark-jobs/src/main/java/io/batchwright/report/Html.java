package io.batchwright.report;

import java.util.Locale;

/** Escaping and number formats of the page. */
public final class Html {
  private Html() {}

  /**
   * {@code text} with the characters that HTML gives a meaning replaced, and control characters
   * shown as spaces.
   */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '\n', '\t' -> out.append(c);
        default -> out.append(c < 0x20 || Character.isSurrogate(c) && !paired(text, i) ? ' ' : c);
      }
    }
    return out.toString();
  }

  private static boolean paired(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
    }
    return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }

  /** {@code text} cut to at most {@code length} characters, with an ellipsis where it was cut. */
  static String cut(String text, int length) {
    if (text.length() <= length) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
    return text.substring(0, end) + " ...";
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String decimal(double value, int digits) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "-";
  }

  /** A number as short as an axis label should be. */
  static String tick(double value) {
    double magnitude = Math.abs(value);
    if (magnitude >= 1e6) {
      return trimmed(value / 1e6) + "M";
    }
    if (magnitude >= 1e4) {
      return trimmed(value / 1e3) + "k";
    }
    if (magnitude != 0 && magnitude < 1e-3) {
      return String.format(Locale.ROOT, "%.0e", value);
    }
    return trimmed(value);
  }

  private static String trimmed(double value) {
    String text = String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.3f", value);
    if (text.indexOf('.') < 0) {
      return text;
    }
    return text.replaceAll("0+$", "").replaceAll("\\.$", "");
  }

  static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole < 120 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
  }
}
