package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.run.ConfigDifferences.Difference;
import io.batchwright.train.evaluation.PairedComparison;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * How two runs differ, for people.
 *
 * @param first {@code run.json} of the first run
 * @param second {@code run.json} of the second run
 * @param firstFolder the first run's folder
 * @param secondFolder the second run's folder
 * @param hadoop how to reach the folders
 */
public record RunComparison(
    ObjectNode first,
    ObjectNode second,
    Path firstFolder,
    Path secondFolder,
    Configuration hadoop) {

  /** The comparison, line by line. */
  public List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("A  " + headline(first, firstFolder));
    lines.add("B  " + headline(second, secondFolder));
    section(lines, "Configuration", "config");
    section(lines, "Ledger", "ledger");
    metrics(lines);
    perQuery(lines);
    return lines;
  }

  private static String headline(ObjectNode run, Path folder) {
    return "%s  %s  %s  commit %s  started %s"
        .formatted(
            folder,
            run.path("job").asText(),
            run.path("status").asText(),
            run.path("commit").asText(),
            run.path("started").asText());
  }

  private void section(List<String> lines, String title, String field) {
    List<Difference> differences =
        ConfigDifferences.between(first.path(field), second.path(field)).stream()
            .filter(difference -> !difference.key().endsWith(".seconds"))
            .toList();
    lines.add("");
    lines.add(title + (differences.isEmpty() ? ": the same" : ""));
    for (Difference difference : differences) {
      lines.add(
          "  %-44s %16s  %16s".formatted(difference.key(), difference.left(), difference.right()));
    }
  }

  private void metrics(List<String> lines) {
    SortedMap<String, double[]> values = new TreeMap<>();
    collect(first, values, 0);
    collect(second, values, 1);
    lines.add("");
    lines.add(values.isEmpty() ? "Metrics: none" : "Metrics");
    values.forEach(
        (name, pair) ->
            lines.add(
                "  %-44s %16s  %16s  %s"
                    .formatted(
                        name,
                        number(pair[0]),
                        number(pair[1]),
                        Double.isNaN(pair[0] + pair[1])
                            ? ""
                            : "%+.6g".formatted(pair[1] - pair[0]))));
  }

  private static void collect(ObjectNode run, Map<String, double[]> values, int side) {
    run.path("metrics")
        .properties()
        .forEach(
            entry ->
                values
                        .computeIfAbsent(
                            entry.getKey(), any -> new double[] {Double.NaN, Double.NaN})[side] =
                    entry.getValue().asDouble());
  }

  private void perQuery(List<String> lines) throws IOException {
    PerQueryScores here = PerQueryScores.read(firstFolder, hadoop);
    PerQueryScores there = PerQueryScores.read(secondFolder, hadoop);
    lines.add("");
    if (here.isEmpty() || there.isEmpty()) {
      lines.add("Per query: not compared, since not both runs have " + PerQueryScores.FILE);
      return;
    }
    lines.add("Per query, B minus A, 95 % interval of a paired bootstrap over groups");
    for (Map.Entry<String, PairedComparison> entry : there.minus(here).entrySet()) {
      PairedComparison difference = entry.getValue();
      lines.add(
          "  %-44s %+.4f  [%+.4f, %+.4f]  %s"
              .formatted(
                  entry.getKey(),
                  difference.difference(),
                  difference.low(),
                  difference.high(),
                  switch (difference.outcome()) {
                    case WIN -> "B is better";
                    case TIE -> "no difference shown";
                    case LOSS -> "A is better";
                  }));
    }
    lines.add("  over the %,d queries that both runs have".formatted(there.shared(here)));
  }

  private static String number(double value) {
    return Double.isNaN(value) ? ConfigDifferences.ABSENT : "%.6g".formatted(value);
  }
}
