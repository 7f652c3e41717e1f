package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.batchwright.data.ledger.LedgerEntry;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a stage says at its end.
 *
 * @param ledger what became of each row; {@link StageRunner} fills in the seconds and requires that
 *     it balances
 * @param metrics measured figures by name; those that are not finite move to {@code notMeasured}
 * @param notMeasured names of figures that could not be measured, with the reason
 * @param headline the result in figures, one line for the console
 * @param details whatever later stages or the report want to read back
 */
public record StageReport(
    LedgerEntry ledger,
    Map<String, Double> metrics,
    Map<String, String> notMeasured,
    String headline,
    JsonNode details) {

  public StageReport {
    SortedMap<String, Double> finite = new TreeMap<>();
    SortedMap<String, String> missing = new TreeMap<>(notMeasured);
    metrics.forEach(
        (name, value) -> {
          if (value != null && Double.isFinite(value)) {
            finite.put(name, value);
          } else {
            missing.putIfAbsent(name, "the result was " + value);
          }
        });
    metrics = Collections.unmodifiableSortedMap(finite);
    notMeasured = Collections.unmodifiableSortedMap(missing);
    details = details == null ? NullNode.getInstance() : details;
  }

  /** A report without metrics and details. */
  public static StageReport of(LedgerEntry ledger, String headline) {
    return new StageReport(ledger, Map.of(), Map.of(), headline, NullNode.getInstance());
  }

  /** This report with measured figures. */
  public StageReport withMetrics(Map<String, Double> figures) {
    return new StageReport(ledger, figures, notMeasured, headline, details);
  }

  /** This report with figures that could not be measured. */
  public StageReport withNotMeasured(Map<String, String> reasons) {
    return new StageReport(ledger, metrics, reasons, headline, details);
  }

  /** This report with details. */
  public StageReport withDetails(JsonNode json) {
    return new StageReport(ledger, metrics, notMeasured, headline, json);
  }

  /** This report with its ledger's wall-clock seconds. */
  StageReport took(double seconds) {
    return new StageReport(ledger.took(seconds), metrics, notMeasured, headline, details);
  }
}
