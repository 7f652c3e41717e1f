package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scheduled deduplication from the command line: backfill, erasure, refusal, estimate. */
@Tag("slow")
class DedupIndexJobTest {
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
  void aBackfillDeduplicatesDayAfterDayAndAnErasureSaysWhichOutputHoldsTheDocument()
      throws IOException {
    day("2026-11-20", "a", "b");
    day("2026-11-21", "b", "c");
    day("2026-12-01", "a");
    Path out = folder.resolve("out");

    CommandLineRun run =
        dedup("--from", "2026-11-20", "--to", "2026-11-30", "--out", out.toString());

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode record = CommandLineRun.record(out);
    assertThat(record.at("/ledger/backfill/in").asInt()).isEqualTo(4);
    assertThat(record.at("/ledger/backfill/out").asInt()).isEqualTo(3);
    assertThat(record.at("/ledger/backfill/dropped/exact_duplicate_in_index").asInt()).isEqualTo(1);
    JsonNode second = CommandLineRun.record(out.resolve("2026-11-21"));
    assertThat(CommandLineRun.balanced(second)).isTrue();
    assertThat(second.at("/metrics/index_documents").asInt()).isEqualTo(3);
    assertThat(second.at("/metrics/index_documents_added").asInt()).isEqualTo(1);
    assertThat(second.at("/metrics/index_bytes_added").asLong()).isPositive();
    assertThat(out.resolve("2026-11-21/report.html")).exists();
    assertThat(
            spark
                .read()
                .parquet(out.resolve("2026-11-21/tables/index_matches").toString())
                .select("doc_id", "survivor_id", "survivor_snapshot", "similarity")
                .collectAsList())
        .extracting(row -> row.mkString(" "))
        .containsExactly("2026-11-21-b 2026-11-20-b 2026-11-20 1.0");

    Path ids = Files.writeString(folder.resolve("ids.txt"), "2026-11-20-b\n\n");
    Path erasure = folder.resolve("erasure");
    CommandLineRun erased = dedup("--erase", ids.toString(), "--out", erasure.toString());
    assertThat(erased.code()).as(erased.err()).isZero();
    assertThat(erased.out()).contains("erased 1 entries", "1 documents lost their survivor");
    assertThat(
            spark
                .read()
                .parquet(erasure.resolve("tables/index_affected").toString())
                .select("output")
                .collectAsList()
                .get(0)
                .getString(0))
        .endsWith("out/2026-11-20");
    assertThat(CommandLineRun.record(erasure).at("/ledger/index/dropped/erased").asInt())
        .isEqualTo(1);

    CommandLineRun other =
        dedup(
            "--snapshot",
            "2026-12-01",
            "--out",
            folder.resolve("other").toString(),
            "--set",
            "deduplicate.deduplicators=[{name: ExactHash, foldCase: true}]");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("ExactHash.foldCase: false in the index, true now");

    CommandLineRun nothing =
        dedup("--from", "2025-01-01", "--to", "2025-01-02", "--out", folder + "/none");
    assertThat(nothing.code()).isEqualTo(3);
    assertThat(nothing.err()).contains("No snapshot from 2025-01-01 to 2025-01-02", "2026-12-01");
    assertThat(dedup("--from", "2025-01-01", "--out", folder + "/x").code()).isEqualTo(2);
  }

  @Test
  void aFinishedOutputIsHeldAgainstTheIndexAndWhatARunNeverPublishedIsTakenBack()
      throws IOException {
    day("2026-11-20", "a", "b");
    day("2026-11-21", "b", "c");
    Path first = folder.resolve("out/2026-11-20");
    String[] firstDay = {"--snapshot", "2026-11-20", "--out", first.toString()};
    assertThat(dedup(firstDay).code()).isZero();
    CommandLineRun again = dedup(firstDay);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).contains("Nothing to do");

    String[] deletion = {
      "--action", "delete", "--snapshot", "2026-11-20", "--out", folder + "/deletion"
    };
    assertThat(dedup(deletion).code()).isZero();
    CommandLineRun gone = dedup(firstDay);
    assertThat(gone.code()).isEqualTo(3);
    assertThat(gone.err()).contains("the index has no snapshot 2026-11-20", "--overwrite");
    assertThat(dedup(deletion).out()).contains("Nothing to do");
    assertThat(dedup("--snapshot", "2026-11-20", "--out", first.toString(), "--overwrite").code())
        .isZero();
    assertThat(dedup(firstDay).code()).isZero();
    CommandLineRun stale = dedup(deletion);
    assertThat(stale.code()).isEqualTo(2);
    assertThat(stale.err()).contains("done at its commit 2", "is at commit 3 now");

    // As a driver leaves it that is killed after the index's commit.
    Path record = first.resolve("run.json");
    Files.deleteIfExists(first.resolve(".run.json.crc"));
    Files.writeString(
        record,
        Files.readString(record)
            .replaceFirst("\"status\" : \"done\"", "\"status\" : \"running\"")
            .replaceFirst("\"index_generation\" : [0-9.]+,", ""));
    Files.delete(first.resolve("stages/02-duplicates.json"));
    Path second = folder.resolve("out/2026-11-21");
    CommandLineRun next = dedup("--snapshot", "2026-11-21", "--out", second.toString());
    assertThat(next.code()).as(next.err()).isZero();
    assertThat(next.out()).contains("took back 2 documents");
    JsonNode metrics = CommandLineRun.record(second).path("metrics");
    assertThat(metrics.path("index_taken_back").asInt()).isEqualTo(2);
    assertThat(metrics.path("index_snapshots").asInt()).isEqualTo(1);
    assertThat(metrics.path("documents_kept").asInt()).isEqualTo(2);
    assertThat(dedup("--snapshot", "2026-11-20", "--out", first.toString(), "--resume").code())
        .isZero();
    assertThat(CommandLineRun.record(first).at("/ledger/duplicates/out").asInt()).isEqualTo(1);
  }

  @Test
  void anEstimateOfEverythingIsExactAndWritesNoTable() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("all.jsonl"), line("1", "a") + line("2", "a") + line("3", "b"));
    Path out = folder.resolve("estimate");

    CommandLineRun run =
        CommandLineRun.of(
            "dedup",
            "--recipe",
            recipe(file.toString()),
            "--set",
            "estimate.share=1",
            "--out",
            out);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out.resolve("tables")).doesNotExist();
    JsonNode metrics = CommandLineRun.record(out).path("metrics");
    assertThat(metrics.path("estimate_documents").asInt()).isEqualTo(3);
    assertThat(metrics.path("estimate_removed_exact").asDouble()).isEqualTo(1);
    assertThat(metrics.path("estimate_removed_exact_low").asDouble()).isEqualTo(1);
    assertThat(metrics.path("estimate_removed_exact_high").asDouble()).isEqualTo(1);
    assertThat(metrics.path("estimate_removed_near_high").asDouble()).isZero();
    assertThat(metrics.path("estimate_shuffle_bytes").isNumber()).isTrue();
    assertThat(CommandLineRun.of("dedup", "--help").out()).contains("--estimate", "--snapshot");
  }

  private CommandLineRun dedup(String... arguments) throws IOException {
    List<Object> all =
        new java.util.ArrayList<>(
            List.of(
                "dedup",
                "--recipe",
                recipe(folder + "/crawl/day={snapshot}/*.jsonl"),
                "--index",
                folder.resolve("index")));
    all.addAll(List.of(arguments));
    return CommandLineRun.of(all.toArray());
  }

  private Path recipe(String path) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        "deduplicate: {deduplicators: [{name: ExactHash}]}\n"
            + "corpus: {sources: [{name: JsonLines, path: '%s', source: mine}]}\n".formatted(path));
  }

  private void day(String name, String... texts) throws IOException {
    Path day = Files.createDirectories(folder.resolve("crawl/day=" + name));
    StringBuilder lines = new StringBuilder();
    for (String text : texts) {
      lines.append(line(name + "-" + text, text));
    }
    Files.writeString(day.resolve("part.jsonl"), lines);
  }

  private static String line(String id, String text) {
    return "{\"id\": \"%s\", \"text\": \"a text that is long enough: %s\"}%n".formatted(id, text);
  }
}
