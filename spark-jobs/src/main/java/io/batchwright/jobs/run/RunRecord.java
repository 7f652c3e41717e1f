package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.ledger.LedgerEntry;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * {@code run.json}: what a run is, how it went and what it left behind; the authority where exit
 * codes get lost.
 *
 * <p>Every change is written aside and then put in place, so that a reader sees a whole file at any
 * time, a failed run's included. Thread-safe.
 */
public final class RunRecord {
  /** The file's name in the output folder. */
  public static final String FILE = "run.json";

  /** The version of the file's layout. */
  public static final int SCHEMA = 1;

  private final JsonFile file;
  private final Clock clock;
  private final ObjectNode json;

  RunRecord(JsonFile file, Clock clock, ObjectNode json) {
    this.file = file;
    this.clock = clock;
    this.json = json;
  }

  /** The record in {@code folder}, or empty where none stands. */
  public static Optional<ObjectNode> read(Path folder, Configuration hadoop) throws IOException {
    return new JsonFile(new Path(folder, FILE), hadoop).read();
  }

  /** Adds or replaces a stage's line of the ledger. */
  public synchronized void ledger(LedgerEntry entry) {
    ObjectNode stage = json.withObject("/ledger").putObject(entry.stage());
    stage.put("in", entry.in());
    stage.put("out", entry.out());
    ObjectNode dropped = stage.putObject("dropped");
    entry.dropped().forEach(dropped::put);
    ObjectNode quarantined = stage.putObject("quarantined");
    entry.quarantined().forEach(quarantined::put);
    if (entry.expanded() != 0) {
      stage.put("expanded", entry.expanded());
    }
    stage.put("seconds", Math.round(entry.seconds() * 1000) / 1000.0);
    save();
  }

  /** Records a measured figure; one that is not finite counts as not measured. */
  public synchronized void metric(String name, double value) {
    if (Double.isFinite(value)) {
      json.withObject("/metrics").put(name, value);
      json.withObject("/not_measured").remove(name);
      save();
    } else {
      notMeasured(name, "the result was " + value);
    }
  }

  /** Records why a figure is missing. */
  public synchronized void notMeasured(String name, String reason) {
    json.withObject("/metrics").remove(name);
    json.withObject("/not_measured").put(name, reason);
    save();
  }

  /** Records a file or folder that the run leaves, relative to the output folder. */
  public synchronized void artifact(String name, String relativePath) {
    json.withObject("/artifacts").put(name, relativePath);
    save();
  }

  /** Records how many ranks train. */
  public synchronized void worldSize(int ranks) {
    put("world_size", json.numberNode(ranks));
  }

  /** Records the checkpoint or marker that the run continues from. */
  public synchronized void resumedFrom(String what) {
    put("resumed_from", json.textNode(what));
  }

  /** Records the checksum of the final weights. */
  public synchronized void weightsSha256(String sha256) {
    put("weights_sha256", json.textNode(sha256));
  }

  /** Records what bit-identical repetition depends on. */
  public synchronized void determinismKey(String key) {
    put("determinism_key", json.textNode(key));
  }

  /** Records the provider of matrix products, and the GPU where one is used. */
  public synchronized void provider(String provider, String gpu) {
    ObjectNode environment = json.withObject("/environment");
    environment.put("provider", provider);
    environment.put("gpu", gpu);
    save();
  }

  /** Sets a field of the contract that has no method of its own. */
  public synchronized void put(String field, JsonNode value) {
    json.set(field, value);
    save();
  }

  /** The record as it stands. */
  public synchronized ObjectNode json() {
    return json.deepCopy();
  }

  /** The identity of this run, kept over resumes. */
  public synchronized String runId() {
    return json.path("run_id").asText();
  }

  synchronized void end(RunStatus status, int exitCode, boolean retryable, String error) {
    json.put("ended", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    json.put("status", status.text());
    json.put("exit_code", exitCode);
    json.put("retryable", retryable);
    json.put("error", error);
    save();
  }

  synchronized RunStatus status() {
    return RunStatus.of(json.path("status").asText());
  }

  synchronized void save() {
    file.write(json);
  }
}
