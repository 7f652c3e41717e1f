package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Begins {@code run.json} for a new attempt. */
final class RunRecords {
  private static final DateTimeFormatter ID_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private RunRecords() {}

  /**
   * Writes the record of a run that begins, of the next attempt of an unfinished one, or of a job
   * that goes on from a shorter one's run; the latter is a run of its own, {@code resumed_from} the
   * shorter one's id.
   */
  static RunRecord start(
      RunIdentity identity, long seed, RunFolder folder, Configuration hadoop, Clock clock) {
    String now = clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
    ObjectNode json =
        folder.resumed().map(ObjectNode::deepCopy).orElseGet(JsonFile.JSON::createObjectNode);
    String shorter = identity.extendsJobOf(json) ? json.path("run_id").asText() : "";
    if (!shorter.isEmpty()) {
      json.removeAll();
    }
    int attempts = json.path("attempts").asInt() + 1;
    BuildInfo build = BuildInfo.read();
    json.put("schema", RunRecord.SCHEMA);
    if (!json.has("run_id")) {
      String sha = identity.configSha256();
      json.put(
          "run_id",
          "%s-%s-%s"
              .formatted(identity.job(), ID_TIME.format(clock.instant()), sha.substring(0, 8)));
      json.put("started", now);
    }
    json.put("job", identity.job());
    json.put("version", build.version());
    json.put("commit", build.commit());
    json.set("config", identity.config());
    json.put("config_sha256", identity.configSha256());
    json.put("data_fingerprint", identity.dataFingerprint());
    json.put("seed", seed);
    json.putNull("determinism_key");
    json.putNull("ended");
    json.put("status", RunStatus.RUNNING.text());
    json.putNull("exit_code");
    json.put("retryable", true);
    json.putNull("error");
    for (String section : new String[] {"ledger", "metrics", "not_measured", "artifacts"}) {
      json.putObject(section);
    }
    json.set("environment", Environment.probe().toJson());
    json.putNull("world_size");
    json.put("attempts", attempts);
    if (!shorter.isEmpty()) {
      json.put("resumed_from", shorter);
    } else if (attempts > 1) {
      json.put("resumed_from", "attempt " + (attempts - 1));
    } else {
      json.putNull("resumed_from");
    }
    json.putNull("weights_sha256");
    RunRecord record =
        new RunRecord(new JsonFile(new Path(folder.dir(), RunRecord.FILE), hadoop), clock, json);
    record.save();
    return record;
  }
}
