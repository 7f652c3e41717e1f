package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.ledger.LedgerEntry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** {@code DIR/stages/NN-name.json}: the last thing a stage writes. */
final class StageMarker {
  private final JsonFile file;
  private final Configuration hadoop;
  private final Map<String, String> artifacts = new TreeMap<>();

  StageMarker(Path dir, int number, String name, Configuration hadoop) {
    this.hadoop = hadoop;
    this.file = new JsonFile(new Path(dir, "stages/%02d-%s.json".formatted(number, name)), hadoop);
  }

  /** What the stage reported when it finished under this fingerprint, or empty. */
  Optional<StageReport> find(String fingerprint, TableStore tables) {
    try {
      Optional<ObjectNode> json = file.read();
      if (json.isEmpty() || !json.get().path("fingerprint").asText().equals(fingerprint)) {
        return Optional.empty();
      }
      for (JsonNode table : json.get().path("tables")) {
        if (!tables.complete(table.asText())) {
          return Optional.empty();
        }
      }
      json.get()
          .path("artifacts")
          .properties()
          .forEach(entry -> artifacts.put(entry.getKey(), entry.getValue().asText()));
      return Optional.of(report(json.get()));
    } catch (IOException e) {
      throw FileFailure.of(e, "read " + file.path());
    }
  }

  /** The artifacts of the report that {@link #find} returned. */
  Map<String, String> artifacts() {
    return artifacts;
  }

  void write(
      String fingerprint, StageReport report, Map<String, String> left, List<String> tables) {
    LedgerEntry ledger = report.ledger();
    ObjectNode json = JsonFile.JSON.createObjectNode();
    json.put("format", "batchwright-stage").put("version", 1);
    json.put("stage", ledger.stage()).put("fingerprint", fingerprint);
    ObjectNode rows = json.putObject("ledger");
    rows.put("in", ledger.in()).put("out", ledger.out());
    rows.set("dropped", JsonFile.JSON.valueToTree(ledger.dropped()));
    rows.set("quarantined", JsonFile.JSON.valueToTree(ledger.quarantined()));
    rows.put("expanded", ledger.expanded()).put("seconds", ledger.seconds());
    json.set("metrics", JsonFile.JSON.valueToTree(report.metrics()));
    json.set("not_measured", JsonFile.JSON.valueToTree(report.notMeasured()));
    json.put("headline", report.headline());
    json.set("details", report.details());
    json.set("artifacts", JsonFile.JSON.valueToTree(left));
    json.set("tables", JsonFile.JSON.valueToTree(tables));
    file.write(json);
  }

  void delete() {
    try {
      FileSystem files = file.path().getFileSystem(hadoop);
      files.delete(file.path(), false);
    } catch (IOException e) {
      throw FileFailure.of(e, "delete " + file.path());
    }
  }

  private static StageReport report(ObjectNode json) {
    JsonNode rows = json.path("ledger");
    LedgerEntry ledger =
        new LedgerEntry(
            json.path("stage").asText(),
            rows.path("in").asLong(),
            rows.path("out").asLong(),
            counts(rows.path("dropped")),
            counts(rows.path("quarantined")),
            rows.path("expanded").asLong(),
            rows.path("seconds").asDouble());
    Map<String, Double> metrics = new TreeMap<>();
    json.path("metrics")
        .properties()
        .forEach(e -> metrics.put(e.getKey(), e.getValue().asDouble()));
    Map<String, String> missing = new TreeMap<>();
    json.path("not_measured")
        .properties()
        .forEach(e -> missing.put(e.getKey(), e.getValue().asText()));
    return new StageReport(
        ledger, metrics, missing, json.path("headline").asText(), json.path("details"));
  }

  private static SortedMap<String, Long> counts(JsonNode json) {
    SortedMap<String, Long> counts = new TreeMap<>();
    json.properties().forEach(entry -> counts.put(entry.getKey(), entry.getValue().asLong()));
    return counts;
  }
}
