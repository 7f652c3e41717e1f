package io.batchwright.jobs.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MlFlowTest {
  @TempDir Path folder;

  @Test
  void aServerHasExperimentRunParametersAndEveryStep() throws IOException {
    try (FakeMlFlow server = new FakeMlFlow()) {
      server.busyAnswers.set(2); // each is tried again
      Map<String, String> many = new TreeMap<>();
      for (int i = 0; i < 250; i++) {
        many.put("key." + i, "v".repeat(i == 7 ? 9000 : 1));
      }
      Trackers trackers = new Trackers(List.of(new MlFlow(server.uri(), "exp")), facts(many));
      for (int step = 1; step <= 700; step++) {
        trackers.rank(0, TrainingSteps.step(step, 10.0 / step));
        trackers.rank(1, TrainingSteps.step(step, 99));
      }
      assertThat(trackers.end(Optional.empty())).isEmpty();

      assertThat(server.experiments).containsOnlyKeys("exp");
      assertThat(server.parameters).hasSize(250).containsEntry("key.3", "v");
      assertThat(server.tags)
          .containsEntry("mlflow.runName", "named")
          .containsEntry("batchwright.run_id", "run-1");
      assertThat(server.metrics.get("loss")).hasSize(700).containsEntry(4L, 2.5);
      assertThat(server.metrics).containsKeys("learning_rate", "grad_norm", "tokens_per_second");
      assertThat(server.status).isEqualTo("FINISHED");
      assertThat(server.authorizations).containsOnly("null");

      Trackers again = new Trackers(List.of(new MlFlow(server.uri() + "/", "exp")), facts());
      assertThat(again.end(Optional.of("a rank was lost"))).isEmpty();
      assertThat(server.status).isEqualTo("FAILED");
      assertThat(server.calls.stream().filter("POST experiments/create"::equals)).hasSize(1);
    }
  }

  @Test
  void aServerThatIsDownOrSilentOrRefusesCostsOneWarningAndNoTime() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    long start = System.nanoTime();
    try (FakeMlFlow silent = new FakeMlFlow();
        FakeMlFlow busy = new FakeMlFlow()) {
      silent.silent = true;
      busy.busyAnswers.set(1000);
      Trackers trackers =
          new Trackers(
              List.of(
                  new MlFlow("http://127.0.0.1:" + closed, "exp"),
                  new MlFlow(silent.uri(), "exp"),
                  new MlFlow(busy.uri(), "exp"),
                  new MlFlow("ftp://there", "exp")),
              facts(),
              Duration.ofSeconds(6));
      for (int step = 1; step <= 3 * QueuedRun.CAPACITY; step++) {
        trackers.rank(0, TrainingSteps.step(step, 1));
      }
      List<String> problems = trackers.end(Optional.empty());
      assertThat(problems).hasSize(4);
      assertThat(problems.get(0)).contains("MlFlow was given up", "does not answer");
      assertThat(problems.get(1)).contains("still busy");
      assertThat(problems.get(2)).contains("503: busy");
      assertThat(problems.get(3)).contains("must start with http://");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void aTrackerThatThrowsIsTheOnlyOneThatStops() {
    List<Long> heard = new ArrayList<>();
    record Recording(List<Long> heard, boolean fails) implements CustomTracker {
      @Override
      public Optional<TrackedRun> open(TrainingFacts facts) {
        return Optional.of(
            new TrackedRun() {
              @Override
              public void steps(List<TrackedStep> steps) {
                if (fails) {
                  throw new IllegalStateException("no room");
                }
                steps.forEach(step -> heard.add(step.report().step()));
              }

              @Override
              public void end(Optional<String> failure) {
                heard.add(fails ? -2L : -1L);
              }
            });
      }
    }
    List<Long> failing = new ArrayList<>();
    Trackers trackers =
        new Trackers(List.of(new Recording(failing, true), new Recording(heard, false)), facts());
    trackers.rank(0, TrainingSteps.step(1, 1));
    trackers.rank(0, TrainingSteps.step(2, 1));
    assertThat(trackers.end(Optional.empty())).containsExactly("Recording was given up: no room");
    assertThat(heard).containsExactly(1L, 2L, -1L);
    assertThat(failing).containsExactly(-2L);
  }

  @Test
  void aFolderHasMlflowsLayout() throws IOException {
    Path store = folder.resolve("mlruns");
    for (String uri : List.of(store.toUri().toString(), store.toString())) {
      Trackers trackers = new Trackers(List.of(new MlFlow(uri, "it's mine")), facts());
      trackers.rank(0, TrainingSteps.step(1, 0.5));
      trackers.rank(0, TrainingSteps.step(2, 0.25));
      assertThat(trackers.end(Optional.empty())).isEmpty();
    }
    Path experiment = only(store);
    assertThat(experiment.resolve("meta.yaml"))
        .content()
        .contains("name: 'it''s mine'\n", "lifecycle_stage: active\n");
    List<Path> runs = folders(experiment);
    assertThat(runs).hasSize(2);
    for (Path run : runs) {
      assertThat(run.resolve("metrics/loss"))
          .content()
          .isEqualTo("1700000000000 0.5 1\n1700000000000 0.25 2\n");
      assertThat(run.resolve("params/train.loss.name")).content().isEqualTo("InfoNce");
      assertThat(run.resolve("tags/mlflow.runName")).content().isEqualTo("named");
      assertThat(run.resolve("meta.yaml"))
          .content()
          .contains("status: 3\n", "run_id: '" + run.getFileName() + "'\n", "end_time: 17000000")
          .contains("artifact_uri: '" + run.toUri() + "artifacts'\n");
    }
  }

  @Test
  void credentialsAreThoseOfMlflowsOwnClients() {
    assertThat(MlFlowServer.authorization(Map.of())).isEmpty();
    assertThat(MlFlowServer.authorization(Map.of("MLFLOW_TRACKING_TOKEN", "t")))
        .isEqualTo("Bearer t");
    assertThat(
            MlFlowServer.authorization(
                Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "pw")))
        .isEqualTo("Basic bWU6cHc=");
    assertThatThrownBy(() -> new MlFlow("", " ")).hasMessageContaining("MlFlow.experiment");
  }

  private TrainingFacts facts() {
    return TrainingSteps.facts(null, folder, "named");
  }

  private TrainingFacts facts(Map<String, String> parameters) {
    return new TrainingFacts(
        null, "named", "run-1", folder.toString(), 700, 2, parameters, TrainingSteps.CLOCK);
  }

  private static Path only(Path parent) throws IOException {
    List<Path> all = folders(parent);
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private static List<Path> folders(Path parent) throws IOException {
    try (Stream<Path> list = Files.list(parent)) {
      return list.filter(Files::isDirectory).sorted().toList();
    }
  }
}
