package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.cluster.StandaloneCluster.Submission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The built application jar under plain {@code spark-submit}, on a real standalone cluster. */
@Tag("cluster")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneClusterIT {
  @TempDir private static Path folder;
  private static StandaloneCluster cluster;
  private static Path recipe;

  @BeforeAll
  static void start() throws Exception {
    recipe = SmallRun.write(folder, SmallRun.recipe(folder));
    cluster = StandaloneCluster.start(Files.createDirectories(folder.resolve("spark")), 2);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void aDriverBesideTheUserTrainsOnTwoExecutors() throws Exception {
    Path out = folder.resolve("client");
    Submission submission = submit("client", recipe, out);
    assertThat(submission.exitCode()).as(submission.output()).isZero();
    assertThat(submission.output()).doesNotContain("Exception");
    requireDone(out);
  }

  @Test
  @Order(2)
  void aDriverOnAWorkerComesToTheSameWeights() throws Exception {
    Path out = folder.resolve("cluster");
    Submission submission = submit("cluster", recipe, out);
    assertThat(submission.exitCode()).as(submission.output()).isZero();
    requireDone(out);
    assertThat(SmallRun.record(out).path("weights_sha256"))
        .isEqualTo(SmallRun.record(folder.resolve("client")).path("weights_sha256"));
  }

  @Test
  void aRecipeWithMistakesExitsWithTwoAndNamesThem() throws Exception {
    Path wrong = folder.resolve("wrong.yaml");
    Files.writeString(wrong, Files.readString(recipe).replace("pairsPerStep", "pairsPerstep"));
    Submission submission = submit("client", wrong, folder.resolve("wrong"));
    assertThat(submission.exitCode()).as(submission.output()).isEqualTo(2);
    assertThat(submission.output()).contains("wrong.yaml:", "pairsPerstep", "pairsPerStep");
    assertThat(folder.resolve("wrong")).doesNotExist();
  }

  private static void requireDone(Path out) throws IOException {
    JsonNode record = SmallRun.record(out);
    assertThat(record.path("status").asText()).as(record.toPrettyString()).isEqualTo("done");
    assertThat(record.path("exit_code").asInt()).isZero();
    assertThat(record.path("world_size").asInt()).isEqualTo(2);
    assertThat(record.path("weights_sha256").asText()).hasSize(64);
    assertThat(record.path("environment").path("provider").asText()).contains("openblas");
    assertThat(record.path("ledger")).hasSizeGreaterThan(5);
    assertThat(SmallRun.unbalanced(record)).isEmpty();
    assertThat(out.resolve("report.html")).isNotEmptyFile();
    assertThat(out.resolve("model/modules.json")).isNotEmptyFile();
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString())).doesNotContain("intermediate");
    }
  }

  private static Submission submit(String deployMode, Path recipe, Path out) throws Exception {
    Path jar =
        Path.of(System.getProperty("batchwright.root"), "spark-jobs", "target")
            .resolve("batchwright-" + System.getProperty("batchwright.version") + ".jar");
    return cluster.submit(
        deployMode,
        jar,
        List.of("spark.executor.cores=1", "spark.cores.max=2", "spark.sql.shuffle.partitions=4"),
        List.of("pipeline", "--recipe", recipe.toString(), "--out", out.toString()));
  }
}
