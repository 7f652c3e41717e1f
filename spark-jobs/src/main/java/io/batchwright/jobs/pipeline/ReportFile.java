package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.report.ReportData;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What every report of a run says, and where it lies. */
final class ReportFile {
  private ReportFile() {}

  /** Writes {@code report.html} and names it in {@code run.json}. */
  static void write(JobContext<?> context, String page) throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    Path path = new Path(context.dir(), "report.html");
    try (OutputStream out = path.getFileSystem(hadoop).create(path, true)) {
      out.write(page.getBytes(StandardCharsets.UTF_8));
    }
    context.record().artifact("report", "report.html");
  }

  static ReportData.Provenance provenance(JobContext<?> context, long seed, String data) {
    var record = context.record().json();
    var environment = record.path("environment");
    Instant started = Instant.parse(record.path("started").asText());
    return new ReportData.Provenance(
        data,
        seed,
        record.path("commit").asText(),
        "%s cores, %s, Java %s, Spark %s"
            .formatted(
                environment.path("cores").asText(),
                environment.path("cpu").asText(),
                environment.path("java").asText(),
                environment.path("spark").asText()),
        record.path("started").asText(),
        Duration.between(started, Instant.now()).toMillis() / 1e3);
  }

  static List<ReportData.FunnelStage> ledger(Map<String, StageReport> stages) {
    List<ReportData.FunnelStage> funnel = new ArrayList<>();
    stages.forEach(
        (name, report) -> {
          var ledger = report.ledger();
          funnel.add(
              new ReportData.FunnelStage(
                  name,
                  ledger.in(),
                  ledger.out(),
                  ledger.expanded(),
                  ledger.dropped(),
                  ledger.quarantined(),
                  ledger.seconds(),
                  ledger.balanced()));
        });
    return funnel;
  }

  static List<ReportData.Setting> settings(JobContext<?> context) {
    return context.values().stream()
        .map(value -> new ReportData.Setting(value.key(), value.value(), value.origin()))
        .toList();
  }
}
