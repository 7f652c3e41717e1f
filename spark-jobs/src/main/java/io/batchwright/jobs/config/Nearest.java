package io.batchwright.jobs.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known name that a user probably meant. */
public final class Nearest {
  private Nearest() {}

  /** {@code ; did you mean x?} where one is near, and the list of all. */
  public static String hint(String given, Collection<String> known) {
    String meant = of(given, known).map(name -> "; did you mean " + name + "?").orElse("");
    return meant
        + (known.isEmpty()
            ? ""
            : (meant.isEmpty() ? "; known: " : " Known: ") + String.join(", ", known));
  }

  /** The nearest of {@code known} within a third of the name's length, or empty. */
  public static Optional<String> of(String given, Collection<String> known) {
    int limit = Math.max(2, given.length() / 3);
    return known.stream()
        .min(Comparator.comparingInt(name -> distance(given, name)))
        .filter(name -> distance(given, name) <= limit);
  }

  /** Levenshtein's edit distance, ignoring case. */
  static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }
}
