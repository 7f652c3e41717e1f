package io.batchwright.jobs.config;

import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Everything wrong with a recipe, collected so that the user sees it at once. */
final class Problems {
  private record Problem(int line, String text) {}

  private final List<Problem> found = new ArrayList<>();

  void add(Given place, String key, String what) {
    String value = place.isScalar() ? " = " + place.text() : "";
    found.add(new Problem(place.line(), place.origin() + ": " + key + value + ": " + what));
  }

  void add(String origin, int line, String what) {
    found.add(new Problem(line, origin + ": " + what));
  }

  /** Throws where there is any, in the order of the lines. */
  void raise() {
    if (found.isEmpty()) {
      return;
    }
    List<String> lines =
        found.stream()
            .sorted(Comparator.comparingInt(Problem::line))
            .map(Problem::text)
            .distinct()
            .toList();
    throw BatchwrightException.usage(
        lines.size() == 1
            ? lines.get(0)
            : "%d problems:\n  %s".formatted(lines.size(), String.join("\n  ", lines)));
  }
}
