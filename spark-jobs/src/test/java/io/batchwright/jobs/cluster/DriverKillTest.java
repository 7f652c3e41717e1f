package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver is killed while ranks train, and the same command goes on where it was. */
@Tag("slow")
class DriverKillTest {
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();
  private Path recipe;

  @BeforeEach
  void writeRecipe() throws IOException {
    recipe = SmallRun.write(folder, SmallRun.trainingRecipe(folder));
  }

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aKilledDriverGoesOnFromItsCheckpointToTheSameWeights() throws Exception {
    Path unbroken = folder.resolve("unbroken");
    assertThat(finish(start(unbroken))).as(console(unbroken)).isZero();

    Path killed = folder.resolve("killed");
    Process first = start(killed);
    awaitCheckpoint(first, killed);
    first.destroyForcibly().waitFor();
    assertThat(SmallRun.record(killed).path("status").asText()).isEqualTo("running");
    Map<String, FileTime> markers = markers(killed);
    assertThat(markers.keySet())
        .anyMatch(name -> name.endsWith("-plan.json"))
        .noneMatch(name -> name.endsWith("-train.json"));

    assertThat(finish(start(killed))).isEqualTo(2);
    assertThat(console(killed)).contains("unfinished run", "--resume");

    Process second = start(killed, "--resume");
    awaitCheckpointAfter(second, killed);
    second.destroy();
    assertThat(finish(second)).isEqualTo(143);
    assertThat(console(killed)).doesNotContain("Unexpected failure");
    assertThat(SmallRun.record(killed).path("status").asText()).isEqualTo("interrupted");

    assertThat(finish(start(killed, "--resume"))).as(console(killed)).isZero();
    JsonNode record = SmallRun.record(killed);
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(record.path("attempts").asInt()).isEqualTo(3);
    assertThat(record.path("resumed_from").asText()).startsWith("checkpoint of step ");
    assertThat(markers(killed)).containsAllEntriesOf(markers);
    assertThat(SmallRun.unbalanced(record)).isEmpty();
    assertThat(record.path("weights_sha256"))
        .isEqualTo(SmallRun.record(unbroken).path("weights_sha256"));
    assertThat(Files.readAllLines(killed.resolve("metrics.jsonl")))
        .hasSameSizeAs(Files.readAllLines(unbroken.resolve("metrics.jsonl")));
  }

  private Process start(Path out, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of(System.getProperty("batchwright.root"), "conf", "jvm.options"));
    command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of("io.batchwright.jobs.Batchwright", "train", "--quiet"));
    command.addAll(List.of("--recipe", recipe.toString(), "--out", out.toString()));
    command.addAll(List.of("--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of(flags));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(out.getFileName() + ".log").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private static int finish(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String console(Path out) throws IOException {
    return Files.readString(folder.resolve(out.getFileName() + ".log"));
  }

  private void awaitCheckpoint(Process process, Path out) throws Exception {
    awaitCheckpointBeyond(process, out, -1);
  }

  private void awaitCheckpointAfter(Process process, Path out) throws Exception {
    awaitCheckpointBeyond(process, out, newest(out));
  }

  private void awaitCheckpointBeyond(Process process, Path out, long step) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (newest(out) <= step) {
      assertThat(process.isAlive()).as(console(out)).isTrue();
      assertThat(System.nanoTime()).as(console(out)).isLessThan(deadline);
      process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  /** The step of the newest checkpoint that has a manifest, or -1. */
  private static long newest(Path out) throws IOException {
    Path checkpoints = out.resolve("checkpoints");
    if (!Files.exists(checkpoints)) {
      return -1;
    }
    try (Stream<Path> steps = Files.list(checkpoints)) {
      return steps
          .filter(step -> Files.exists(step.resolve("manifest.json")))
          .mapToLong(step -> Long.parseLong(step.getFileName().toString().replace("step-", "")))
          .max()
          .orElse(-1);
    }
  }

  private static Map<String, FileTime> markers(Path out) throws IOException {
    Map<String, FileTime> markers = new TreeMap<>();
    try (Stream<Path> stages = Files.list(out.resolve("stages"))) {
      for (Path stage : stages.filter(file -> file.toString().endsWith(".json")).toList()) {
        if (!stage.getFileName().toString().startsWith(".")) {
          markers.put(stage.getFileName().toString(), Files.getLastModifiedTime(stage));
        }
      }
    }
    return markers;
  }
}
