package io.batchwright.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a report says, ready to be laid out.
 *
 * @param title the page's title, such as {@code quickstart}
 * @param verdict one sentence that follows the figures
 * @param provenance what the figures stand on
 * @param tiles the four figures of the first screen
 * @param funnel the ledger, stage by stage, in order
 * @param duplicate one duplicate pair, or empty where none was found
 * @param examples search results of held-out queries: hits, then misses
 * @param charts curves and histograms, in order
 * @param scores one row per system and query set
 * @param ranks how each rank spent its time
 * @param warnings what a reader should know before trusting the figures
 * @param config every resolved value with its origin
 * @param rerun the commands that repeat the run and take it further
 * @param limits what this run does not show
 */
public record ReportData(
    String title,
    String verdict,
    Provenance provenance,
    List<Tile> tiles,
    List<FunnelStage> funnel,
    Optional<DuplicatePair> duplicate,
    List<SearchExample> examples,
    List<Chart> charts,
    List<ScoreTable> scores,
    List<RankTime> ranks,
    List<String> warnings,
    List<Setting> config,
    List<String> rerun,
    List<String> limits) {

  /** Where and from what the figures come. */
  public record Provenance(
      String data, long seed, String commit, String hardware, String started, double seconds) {}

  /** One figure of the first screen; {@code detail} is its interval or its parts. */
  public record Tile(String label, String value, String detail, boolean good) {
    /** Whether every row of {@code stages} stages is accounted for. */
    public static Tile ledger(boolean balanced, int stages) {
      return new Tile(
          "ledger",
          balanced ? "balanced" : "NOT balanced",
          "%d stages, every row accounted for".formatted(stages),
          balanced);
    }
  }

  /** One stage of the ledger. */
  public record FunnelStage(
      String stage,
      long in,
      long out,
      long expanded,
      Map<String, Long> dropped,
      Map<String, Long> quarantined,
      double seconds,
      boolean balanced) {}

  /** Two documents of one cluster. */
  public record DuplicatePair(
      String survivorId,
      String survivorText,
      String removedId,
      String removedText,
      double similarity,
      String reason) {}

  /** What two systems returned for one held-out query. */
  public record SearchExample(
      boolean hit, String query, String expectedId, List<Hit> model, List<Hit> bm25) {}

  /** One returned document. */
  public record Hit(String docId, String text, double score, boolean relevant) {}

  /** A curve ({@code kind} line) or a histogram ({@code kind} bars). */
  public record Chart(
      String title, String kind, String xLabel, String yLabel, List<Series> series, String note) {
    /** A line chart. */
    public static Chart lines(
        String title, String xLabel, String yLabel, List<Series> series, String note) {
      return new Chart(title, "line", xLabel, yLabel, series, note);
    }

    /** A bar chart with one labelled bar per value of its only series. */
    public static Chart bars(
        String title, String xLabel, String yLabel, Series series, String note) {
      return new Chart(title, "bars", xLabel, yLabel, List.of(series), note);
    }
  }

  /** Named points; {@code labels} name the bars of a bar chart and are empty for a curve. */
  public record Series(String name, double[] x, double[] y, List<String> labels) {
    /** The points of a curve. */
    public static Series curve(String name, double[] x, double[] y) {
      return new Series(name, x, y, List.of());
    }

    /** The bars of a histogram. */
    public static Series bars(List<String> labels, double[] y) {
      return new Series("", new double[0], y, labels);
    }
  }

  /** Scores of several systems on one set of queries. */
  public record ScoreTable(String title, List<String> metrics, List<ScoreRow> rows, String note) {}

  /** The scores of one system, in the order of the table's metrics. */
  public record ScoreRow(String system, List<Score> scores) {}

  /** A mean with its interval; {@code low} and {@code high} are NaN where none was computed. */
  public record Score(double mean, double low, double high) {}

  /** Seconds that a rank spent computing, waiting for peers, and reading data. */
  public record RankTime(int rank, double computeSeconds, double waitSeconds, double dataSeconds) {}

  /** One resolved configuration value. */
  public record Setting(String key, String value, String origin) {}
}
