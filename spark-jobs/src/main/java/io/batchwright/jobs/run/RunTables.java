package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The committed tables and finished stages of a run. */
public final class RunTables {
  private final Path run;
  private final Configuration hadoop;

  private RunTables(Path run, Configuration hadoop) {
    this.run = run;
    this.hadoop = hadoop;
  }

  /** The tables of the run in {@code folder}, or empty where no run stands there. */
  public static Optional<RunTables> of(String folder, Configuration hadoop) {
    Path run = new Path(folder);
    try {
      return RunRecord.read(run, hadoop).map(record -> new RunTables(run, hadoop));
    } catch (IOException e) {
      throw FileFailure.of(e, "read " + run);
    }
  }

  /** The folder of the run. */
  public Path dir() {
    return run;
  }

  /** Whether the run committed {@code table}. */
  public boolean has(String table) {
    return store(null).find(table).isPresent();
  }

  /** Rows of {@code table}, from its manifest. */
  public long rows(String table) {
    return manifest(table).rows();
  }

  /** The job whose folder this is, as {@code run.json} names it. */
  public String job() {
    return record().path("job").asText();
  }

  /** {@code run.json}. */
  public ObjectNode record() {
    try {
      return RunRecord.read(run, hadoop)
          .orElseThrow(() -> BatchwrightException.usage("There is no run in " + run + "."));
    } catch (IOException e) {
      throw FileFailure.of(e, "read " + run);
    }
  }

  /** What the stage of that name said at its end, one line; empty where it has not finished. */
  public Optional<String> headline(String stage) {
    return marker(stage).map(marker -> marker.path("headline").asText());
  }

  private Optional<ObjectNode> marker(String stage) {
    Path markers = new Path(run, "stages/[0-9][0-9]*-" + stage + ".json");
    try {
      FileStatus[] found = markers.getFileSystem(hadoop).globStatus(markers);
      if (found == null || found.length == 0) {
        return Optional.empty();
      }
      return new JsonFile(found[0].getPath(), hadoop).read();
    } catch (IOException e) {
      throw FileFailure.of(e, "read " + markers);
    }
  }

  /** What the stage of that name left for later stages; empty where it has not finished. */
  public Optional<JsonNode> details(String stage) {
    return marker(stage).map(marker -> marker.path("details"));
  }

  /** The folder of {@code table}. */
  public Path folder(String table) {
    return new Path(run, "tables/" + table);
  }

  /** The Parquet files of {@code table}, as its manifest names them. */
  public List<Path> files(String table) {
    return manifest(table).files().stream()
        .map(file -> new Path(folder(table), file.name()))
        .toList();
  }

  /** The table as committed. */
  public Dataset<Row> read(SparkSession spark, String table) {
    manifest(table);
    return store(spark).read(table);
  }

  private TableManifest manifest(String table) {
    return store(null)
        .find(table)
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    "The run in %s has no table %s; it ended before that was made."
                        .formatted(run, table)));
  }

  private TableStore store(SparkSession spark) {
    return new TableStore(new Path(run, "tables"), hadoop, () -> spark);
  }
}
