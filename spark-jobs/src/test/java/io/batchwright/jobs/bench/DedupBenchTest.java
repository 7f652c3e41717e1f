package io.batchwright.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.CommandRun;
import io.batchwright.jobs.TestSession;
import io.batchwright.jobs.bench.dedup.OwnSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench dedup} on this project's own sources, in small. */
@Tag("slow")
class DedupBenchTest {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void aSmallBenchMeasuresAndSaysWhatItDidNot() throws IOException {
    OwnSources.jar(Files.createDirectory(folder.resolve("jars")));
    Path out = folder.resolve("out");
    CommandRun run =
        CommandRun.of(
            "bench",
            "dedup",
            "--jars",
            folder.resolve("jars").toString(),
            "--scale",
            "0.05",
            "--set",
            "sections=[signature, planted, multisource]",
            "--out",
            out.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode record = CommandRun.record(out);
    assertThat(record.at("/metrics/dedup_precision").asDouble()).isEqualTo(1);
    assertThat(record.at("/metrics/dedup_wrongly_removed").asInt()).isZero();
    assertThat(record.at("/metrics/dedup_recall_j95").asDouble()).isEqualTo(1);
    assertThat(record.at("/metrics/signature_mb_per_core_second").asDouble()).isPositive();
    assertThat(record.at("/not_measured/dedup_growth_exponent").asText())
        .isEqualTo("the sections of this run do not measure it");
    assertThat(record.at("/not_measured/dedup_removed_global_multisource").asText())
        .isEqualTo("needs --data DIR with multisource");
    assertThat(record.at("/bench/figures/dedup_precision/repetitions").asInt()).isEqualTo(1);
    assertThat(Files.readString(out.resolve("bench.md")))
        .contains("## Recall by similarity", "| chain | 4 | 2 | 2 | 0 | 0 |");
    assertThat(out.resolve("work")).doesNotExist();
  }

  @Test
  void anUnknownAreaOrSectionListsTheKnownOnes() {
    CommandRun area = CommandRun.of("bench", "speed", "--out", folder.resolve("x").toString());
    assertThat(area.exitCode()).isEqualTo(2);
    assertThat(area.err()).contains("there is no such area").contains("dedup: deduplication");

    CommandRun section =
        CommandRun.of(
            "bench", "dedup", "--set", "sections=[sped]", "--out", folder.resolve("x").toString());
    assertThat(section.exitCode()).isEqualTo(2);
    assertThat(section.err()).contains("no section sped").contains("planted");
  }
}
