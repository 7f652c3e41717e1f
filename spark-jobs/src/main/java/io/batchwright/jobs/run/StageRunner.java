package io.batchwright.jobs.run;

import io.batchwright.ui.Console;
import io.batchwright.ui.StageDisplay;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs the stages of a job in order.
 *
 * <p>Each stage ends with a marker, {@code DIR/stages/NN-name.json}, written after everything else.
 * A later attempt skips a stage whose marker has the same fingerprint; a fingerprint covers the
 * stage's own configuration and, chained, all stages before it.
 */
public final class StageRunner {
  private final Path dir;
  private final Configuration hadoop;
  private final Supplier<SparkSession> spark;
  private final RunRecord record;
  private final Console console;
  private final TableStore tables;
  private final int expected;
  private final Map<String, String> artifacts = new TreeMap<>();
  private final List<StageResult> results = new ArrayList<>();
  private final List<String> committed = Collections.synchronizedList(new ArrayList<>());
  private Optional<RunTables> base = Optional.empty();
  private int number;
  private String upstream;

  /** A runner for {@code expected} stages (0: unknown). */
  StageRunner(
      RunRecord record,
      RunPlace place,
      Supplier<SparkSession> spark,
      Console console,
      int expected) {
    this.dir = place.dir();
    this.hadoop = place.hadoop();
    this.upstream = place.dataFingerprint();
    this.spark = spark;
    this.record = record;
    this.console = console;
    this.expected = expected;
    this.tables = new TableStore(new Path(dir, "tables"), hadoop, spark);
  }

  /**
   * Runs one stage, or skips it where an earlier attempt finished the same.
   *
   * @param name the stage's name in markers and ledger, such as {@code duplicates}
   * @param title what the console calls it
   * @param fingerprint identifies the stage's own configuration ({@link Fingerprint#of})
   * @throws io.batchwright.data.failure.BatchwrightException with exit code 3 if the ledger does
   *     not balance
   */
  public StageResult run(String name, String title, String fingerprint, StageBody body)
      throws Exception {
    number++;
    String chained = Fingerprint.of(upstream, name, fingerprint);
    upstream = chained;
    StageMarker marker = new StageMarker(dir, number, name, hadoop);
    StageDisplay display = console.stage(number, expected, title);
    Optional<StageReport> finished = marker.find(chained, tables);
    if (finished.isPresent()) {
      publish(finished.get(), marker.artifacts());
      display.skipped(finished.get().headline());
      return keep(new StageResult(name, chained, finished.get(), true));
    }
    marker.delete();
    artifacts.clear();
    committed.clear();
    long start = System.nanoTime();
    try (display) {
      StageReport report =
          body.run(new StageContext(this, name, chained, display))
              .took((System.nanoTime() - start) / 1e9);
      report.ledger().requireBalanced();
      marker.write(chained, report, artifacts, committed.stream().sorted().toList());
      publish(report, artifacts);
      display.finished(report.headline(), report.ledger().seconds());
      return keep(new StageResult(name, chained, report, false));
    }
  }

  private StageResult keep(StageResult result) {
    results.add(result);
    return result;
  }

  /** Reads tables that this run has not committed from {@code earlier}, which stays as it is. */
  public void over(RunTables earlier) {
    base = Optional.of(earlier);
  }

  /** The stages finished so far, skipped ones included, in order. */
  public List<StageResult> results() {
    return List.copyOf(results);
  }

  /** A table that an earlier stage committed. */
  public Dataset<Row> read(String table) {
    return foreign(table).map(run -> run.read(spark(), table)).orElseGet(() -> tables.read(table));
  }

  /** Rows of a committed table, from its manifest. */
  public long rows(String table) {
    return foreign(table)
        .map(run -> run.rows(table))
        .orElseGet(() -> tables.manifest(table).rows());
  }

  /** The run that this one reads {@code table} from, where it is not its own. */
  private Optional<RunTables> foreign(String table) {
    return base.filter(run -> tables.find(table).isEmpty());
  }

  /** {@code run.json}. */
  public RunRecord record() {
    return record;
  }

  /** The output folder. */
  public Path dir() {
    return dir;
  }

  /** The session. */
  public SparkSession spark() {
    return spark.get();
  }

  Dataset<Row> commit(String table, String stage, String fingerprint, Dataset<Row> rows) {
    committed.add(table);
    return tables.commit(table, stage, fingerprint, rows);
  }

  void artifact(String name, String relativePath) {
    artifacts.put(name, relativePath);
  }

  private void publish(StageReport report, Map<String, String> left) {
    record.ledger(report.ledger());
    report.metrics().forEach(record::metric);
    report.notMeasured().forEach(record::notMeasured);
    left.forEach(record::artifact);
  }
}
