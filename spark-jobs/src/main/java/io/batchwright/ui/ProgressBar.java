package io.batchwright.ui;

/** Draws a bar with counts, rate and remaining time, in ASCII. */
final class ProgressBar {
  private static final int CELLS = 24;

  private ProgressBar() {}

  static String render(
      String label, long done, long total, String unit, double seconds, String note) {
    StringBuilder line = new StringBuilder("%-18s ".formatted(label));
    if (total <= 0) {
      line.append("[%s] %s".formatted(".".repeat(CELLS), clock(seconds)));
    } else {
      double share = Math.min(1, (double) done / total);
      int filled = (int) Math.round(share * CELLS);
      line.append(
          "[%s%s] %3.0f %%  %,d/%,d %s"
              .formatted(
                  "#".repeat(filled), ".".repeat(CELLS - filled), 100 * share, done, total, unit));
      if (done > 0 && seconds > 0) {
        line.append("  %s/s  %s left".formatted(rate(done / seconds), clock(left(share, seconds))));
      }
    }
    return note.isEmpty() ? line.toString() : line.append("  ").append(note).toString();
  }

  private static double left(double share, double seconds) {
    return seconds * (1 - share) / share;
  }

  private static String rate(double perSecond) {
    return perSecond < 100 ? "%.1f".formatted(perSecond) : "%,.0f".formatted(perSecond);
  }

  private static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d:%02d".formatted(whole / 60, whole % 60)
        : "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
  }
}
