package io.batchwright.jobs.track;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * MLflow's folder layout, which {@code mlflow ui --backend-store-uri DIR} shows.
 *
 * <pre>
 * DIR/EXPERIMENT_ID/meta.yaml                  the experiment's name
 * DIR/EXPERIMENT_ID/RUN_ID/meta.yaml           status (1 running, 3 finished, 4 failed) and times
 * DIR/EXPERIMENT_ID/RUN_ID/params/KEY          the value
 * DIR/EXPERIMENT_ID/RUN_ID/tags/KEY            the value
 * DIR/EXPERIMENT_ID/RUN_ID/metrics/KEY         a line "timestamp value step" each time
 * </pre>
 */
final class MlFlowFolder implements MlFlowStore {
  private static final int RUNNING = 1;
  private static final int FINISHED = 3;
  private static final int FAILED = 4;

  private final Path root;
  private Path run;
  private String experimentId;
  private String name;
  private long started;

  MlFlowFolder(Path root) {
    this.root = root.toAbsolutePath();
  }

  @Override
  public void start(String experiment, TrainingFacts facts) throws IOException {
    Files.createDirectories(root);
    started = facts.clock().millis();
    name = facts.name();
    experimentId = experimentId(experiment);
    run = root.resolve(experimentId).resolve(UUID.randomUUID().toString().replace("-", ""));
    for (String folder : List.of("params", "tags", "metrics", "artifacts")) {
      Files.createDirectories(run.resolve(folder));
    }
    for (Map.Entry<String, String> parameter : facts.parameters().entrySet()) {
      Files.writeString(run.resolve("params").resolve(parameter.getKey()), parameter.getValue());
    }
    Files.writeString(run.resolve("tags/mlflow.runName"), name);
    Files.writeString(run.resolve("tags/batchwright.run_id"), facts.runId());
    writeRun(RUNNING, "null");
  }

  private String experimentId(String experiment) throws IOException {
    try (Stream<Path> there = Files.list(root)) {
      for (Path folder : there.sorted().toList()) {
        Path meta = folder.resolve("meta.yaml");
        if (Files.exists(meta) && Files.readAllLines(meta).stream().anyMatch(named(experiment))) {
          return folder.getFileName().toString();
        }
      }
    }
    String id = "%018d".formatted(started * 1000).replaceFirst("^0", "1");
    Path folder = Files.createDirectories(root.resolve(id));
    Files.writeString(
        folder.resolve("meta.yaml"),
        String.join(
            "\n",
            "artifact_location: " + quoted(folder.toUri().toString().replaceAll("/+$", "")),
            "creation_time: " + started,
            "experiment_id: '" + id + "'",
            "last_update_time: " + started,
            "lifecycle_stage: active",
            "name: " + quoted(experiment),
            ""));
    return id;
  }

  private static Predicate<String> named(String experiment) {
    return line -> line.equals("name: " + experiment) || line.equals("name: " + quoted(experiment));
  }

  private void writeRun(int status, String ended) throws IOException {
    Map<String, String> meta = new LinkedHashMap<>();
    meta.put("artifact_uri", quoted(run.toUri() + "artifacts"));
    meta.put("end_time", ended);
    meta.put("entry_point_name", "''");
    meta.put("experiment_id", quoted(experimentId));
    meta.put("lifecycle_stage", "active");
    meta.put("run_id", quoted(run.getFileName().toString()));
    meta.put("run_name", quoted(name));
    meta.put("run_uuid", quoted(run.getFileName().toString()));
    meta.put("source_name", "''");
    meta.put("source_type", "4");
    meta.put("source_version", "''");
    meta.put("start_time", Long.toString(started));
    meta.put("status", Integer.toString(status));
    meta.put("tags", "[]");
    meta.put("user_id", quoted(Optional.ofNullable(System.getProperty("user.name")).orElse("")));
    Files.writeString(
        run.resolve("meta.yaml"),
        meta.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue() + "\n")
            .collect(Collectors.joining()));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  @Override
  public void log(List<Metric> metrics) throws IOException {
    Map<String, String> lines = new LinkedHashMap<>();
    for (Metric metric : metrics) {
      lines.merge(
          metric.key(),
          "%d %s %d\n".formatted(metric.timestamp(), metric.value(), metric.step()),
          String::concat);
    }
    for (Map.Entry<String, String> entry : lines.entrySet()) {
      Files.write(
          run.resolve("metrics").resolve(entry.getKey()),
          entry.getValue().getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  @Override
  public void end(boolean finished, long timestamp) throws IOException {
    writeRun(finished ? FINISHED : FAILED, Long.toString(timestamp));
  }
}
