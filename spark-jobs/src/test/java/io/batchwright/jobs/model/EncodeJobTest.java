package io.batchwright.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.CommandRun;
import io.batchwright.jobs.run.RunSettings;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.train.export.StaticEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeJobTest {
  @TempDir Path folder;

  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() throws IOException {
    model = folder.resolve("model");
    WordModel.write(model, List.of("reverse", "an", "array", "sort", "open", "file"));
    corpus = folder.resolve("corpus.jsonl");
    Files.writeString(
        corpus,
        """
        {"doc_id": "b", "text": "sort an array"}
        {"doc_id": "a", "text": "reverse an array"}
        {"doc_id": "blank", "text": ""}
        {"doc_id": "c", "text": "unheard of"}
        not json
        """);
  }

  @Test
  void everyTextIsEncodedOrAccountedFor() throws IOException {
    Path out = folder.resolve("out");
    CommandRun run = encode(corpus, out, "--set", "maximumQuarantineShare=0.5");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    JsonNode record = CommandRun.record(out);
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(record.at("/ledger/corpus/in").asLong()).isEqualTo(5);
    assertThat(record.at("/ledger/corpus/out").asLong()).isEqualTo(3);
    assertThat(record.at("/ledger/corpus/quarantined/empty_text").asLong()).isEqualTo(1);
    assertThat(record.at("/ledger/corpus/quarantined/malformed_json").asLong()).isEqualTo(1);
    assertThat(record.at("/ledger/encode/in").asLong()).isEqualTo(3);
    assertThat(record.at("/ledger/encode/out").asLong()).isEqualTo(3);
    assertThat(record.at("/metrics/texts_without_tokens").asDouble()).isEqualTo(1);
    assertThat(run.out()).contains("3 texts in 6 dims, 1 of them without a known token");

    List<Row> rows = embeddings(out);
    assertThat(rows.stream().map(row -> row.getString(2))).containsExactly("a", "b", "c");
    assertThat(rows.stream().map(row -> row.getLong(0))).containsExactly(0L, 1L, 2L);
    try (StaticEncoder encoder = StaticEncoder.open(model)) {
      float[][] expected =
          encoder.encode(List.of("reverse an array", "sort an array", "unheard of"));
      for (int i = 0; i < expected.length; i++) {
        assertThat(rows.get(i).<Float>getList(3))
            .hasSize(6)
            .isEqualTo(com.google.common.primitives.Floats.asList(expected[i]));
        assertThat(rows.get(i).getString(4)).hasSize(64).isEqualTo(rows.get(0).getString(4));
      }
    }

    CommandRun found =
        CommandRun.of(
            "search", "--model", model.toString(), "--corpus", out.toString(), "reverse array");
    assertThat(found.out()).contains("1  0.816  a", "reverse an array");
    found =
        CommandRun.of(
            "search",
            "--model",
            model.toString(),
            "--corpus",
            out.resolve("tables/documents").toString(),
            "reverse array");
    assertThat(found.out()).as("Parquet files without a run").contains("1  0.816  a");

    Path again = folder.resolve("again");
    assertThat(encode(out, again, "--truncate-dims", "2").exitCode()).isZero();
    assertThat(CommandRun.record(again).at("/ledger").has("corpus")).isFalse();
    // Its first dims are reverse and an.
    float root = (float) (1 / Math.sqrt(2));
    assertThat(embeddings(again))
        .extracting(row -> row.<Float>getList(3))
        .containsExactly(List.of(root, root), List.of(0f, 1f), List.of(0f, 0f));
  }

  @Test
  void tooManyUnusableRecordsFailTheRun() throws IOException {
    Path out = folder.resolve("out");

    CommandRun run = encode(corpus, out);

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("2 of 5 input records cannot be used", "maximumQuarantineShare");
    assertThat(CommandRun.record(out).path("status").asText()).isEqualTo("failed");
  }

  @Test
  void whatIsMissingIsToldBeforeAnythingStarts() {
    Path out = folder.resolve("out");

    assertThat(encode(folder.resolve("none.jsonl"), out).err()).contains("There is no such input");
    assertThat(CommandRun.of("encode", "--input", corpus.toString(), "--out", out.toString()).err())
        .contains("A model is needed: give --model DIR");
    assertThat(CommandRun.of("encode", "--model", model.toString(), "--out", out.toString()).err())
        .contains("An input is needed: give --input PATH");
    assertThat(out).doesNotExist();
  }

  private CommandRun encode(Path input, Path out, String... more) {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of(
                "encode",
                "--model",
                model.toString(),
                "--input",
                input.toString(),
                "--master",
                "local[2]",
                "--out",
                out.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private static List<Row> embeddings(Path out) throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      return RunTables.of(out.toString(), SparkSessions.hadoop(RunSettings.DEFAULTS))
          .orElseThrow()
          .read(spark, "embeddings")
          .orderBy("text_id")
          .collectAsList();
    }
  }
}
