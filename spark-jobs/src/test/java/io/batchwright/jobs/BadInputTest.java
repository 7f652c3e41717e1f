package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees when the input, the recipe or the machine is not as it should be. */
class BadInputTest {
  private static final String GOOD =
      "{\"id\": \"%s\", \"text\": \"a text that is long enough: %s\"}";

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
  void badRecordsOfEveryKindAreQuarantinedAndTheRunGoesOn() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    Path recipe =
        recipe(
            "  sources:",
            "    - {name: JsonLines, path: " + badLines() + ", source: mine}",
            "    - {name: io.batchwright.jobs.javadoc.JavadocSource, jarsDir: " + jars + "}",
            "  maximumQuarantineShare: 1");
    badJars(jars);
    Path out = folder.resolve("out");

    CommandLineRun run = CommandLineRun.of("dedup", "--recipe", recipe, "--out", out);

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode record = CommandLineRun.record(out);
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(CommandLineRun.balanced(record)).isTrue();
    TreeMap<String, String> quarantined = new TreeMap<>();
    for (Row row : spark.read().parquet(out + "/tables/quarantine").collectAsList()) {
      String file = row.getString(0).substring(row.getString(0).lastIndexOf('/') + 1);
      quarantined.merge(row.getString(3), file, (a, b) -> a + " " + b);
    }
    assertThat(quarantined)
        .containsOnlyKeys(
            "duplicate_id",
            "empty_text",
            "invalid_utf8",
            "malformed_json",
            "too_large",
            "unreadable_jar")
        .containsEntry("too_large", "bad.jsonl");
    assertThat(quarantined.get("unreadable_jar")).contains("cut-2.0", "nozip-1.0");
    assertThat(record.at("/ledger/corpus/quarantined/unreadable_jar").asInt()).isEqualTo(2);
    assertThat(record.at("/metrics/documents_kept").asInt()).isEqualTo(3);

    CommandLineRun other =
        CommandLineRun.of("dedup", "--recipe", recipe, "--out", out, "--set", "seed=18");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("holds another run", "seed: 17 there, 18 now", "--overwrite");
  }

  @Test
  void earlyStoppingWithoutPairsToValidateOnIsRefusedBeforeAnythingIsRead() throws IOException {
    Path recipe =
        recipe("  sources:", "    - {name: JsonLines, path: " + lines(good("a")) + ", source: s}");
    CommandLineRun run =
        CommandLineRun.of(
            "train",
            "--recipe",
            recipe,
            "--out",
            folder.resolve("early"),
            "--set",
            "train.validation.patience=3",
            "--set",
            "split.validationShare=0");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("train.validation.patience and exportBest need pairs to validate on");
    assertThat(folder.resolve("early/tables")).doesNotExist();
  }

  @Test
  void tooManyBadRecordsEndTheRunWithTheirNumbers() throws IOException {
    Path out = folder.resolve("out");
    CommandLineRun run = dedup(lines(good("a"), "{broken", good("b")), out);

    assertThat(run.code()).isEqualTo(3);
    assertParagraph(run);
    assertThat(run.err())
        .contains("1 of 3 input records cannot be used (33.33 %)")
        .contains("corpus.maximumQuarantineShare = 0.01", "malformed_json", "tables/quarantine");
    assertThat(CommandLineRun.record(out).path("exit_code").asInt()).isEqualTo(3);
    assertThat(spark.read().parquet(out + "/tables/quarantine").count()).isEqualTo(1);
  }

  @Test
  void documentsWithoutPairsAreToldBeforeAnyTokenizerIsTrained() throws IOException {
    Path out = folder.resolve("out");
    CommandLineRun run =
        CommandLineRun.of(
            "pipeline",
            "--recipe",
            recipe("  sources: [{name: JsonLines, path: " + lines(good("a"), good("b")) + "}]"),
            "--out",
            out);

    assertThat(run.code()).isEqualTo(3);
    assertParagraph(run);
    assertThat(run.err()).contains("There is no training pair", "batchwright dedup");
    assertThat(out.resolve("tokenizer.json")).doesNotExist();
    assertThat(CommandLineRun.balanced(CommandLineRun.record(out))).isTrue();
  }

  @Test
  void aMissingColumnIsNamedBesideThoseThatAreThere() throws IOException {
    CommandLineRun run = dedup(lines("{\"id\": 1, \"words\": \"x\"}"), folder.resolve("out"));

    assertThat(run.code()).isEqualTo(2);
    assertParagraph(run);
    assertThat(run.err()).contains("has no column named text", "It has: id, words", "columns.text");
  }

  @Test
  void anEmptySourceAndOneThatIsNotThereAreTold() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "");
    CommandLineRun nothing = dedup(empty, folder.resolve("one"));
    assertThat(nothing.code()).isEqualTo(3);
    assertThat(nothing.err()).contains("empty.jsonl is empty");

    CommandLineRun blank =
        dedup(Files.writeString(folder.resolve("blank.jsonl"), "\n \n\n"), folder.resolve("two"));
    assertThat(blank.code()).isEqualTo(3);
    assertParagraph(blank);

    CommandLineRun missing = dedup(folder.resolve("nowhere.jsonl"), folder.resolve("three"));
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("There is no such input", "nowhere.jsonl");
    assertThat(folder.resolve("three")).doesNotExist();
  }

  @Test
  void threeMistakesOfARecipeAreReportedAtOnce() throws IOException {
    Path recipe = folder.resolve("wrong.yaml");
    Files.writeString(
        recipe,
        """
        seed: 17
        train:
          ranks: 0
          optimizer: {name: AdamW, beta1: 1.8}
        spilt: {validationShare: 0.1}
        """);

    CommandLineRun run =
        CommandLineRun.of("pipeline", "--recipe", recipe, "--out", folder.resolve("out"));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("3 problems")
        .contains("wrong.yaml:3: train.ranks = 0: must be at least 1")
        .contains("wrong.yaml:4: train.optimizer.beta1 = 1.8: must be in [0, 1)")
        .contains("wrong.yaml:5: spilt: no such key; did you mean split?");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void fewerSlotsThanRanksAreToldBeforeAnythingIsRead() throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            "pipeline",
            "--recipe",
            recipe("  sources: [{name: JsonLines, path: " + lines(good("a")) + "}]"),
            "--set",
            "train.ranks=5",
            "--out",
            folder.resolve("out"));

    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err())
        .contains("5 ranks need 5 free task slots, but Spark offers 2", "set ranks: 2");
    assertThat(CommandLineRun.record(folder.resolve("out")).path("retryable").asBoolean()).isTrue();
  }

  @Test
  void aFolderThatIsNotOursIsLeftAlone() throws IOException {
    Path out = Files.createDirectory(folder.resolve("thesis"));
    Files.writeString(out.resolve("chapter.tex"), "precious");

    CommandLineRun run = dedup(lines(good("a")), out);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("was not written by Batchwright");
    assertThat(out.resolve("chapter.tex")).hasContent("precious");
  }

  @Test
  void whereNothingMayBeWrittenOneSentenceSaysSo() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandLineRun below = dedup(lines(good("a")), file.resolve("out"));
    assertThat(below.code()).isEqualTo(4);
    assertParagraph(below);
    assertThat(below.err()).contains("Cannot");

    // Not even root can make a folder there.
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/sys/kernel")));
    CommandLineRun denied = dedup(lines(good("a")), Path.of("/sys/kernel/batchwright"));
    assertThat(denied.code()).isEqualTo(4);
    assertParagraph(denied);
    assertThat(denied.err()).contains("no write permission", "Choose another --out");
  }

  @Test
  void aFullDiskIsToldInOneSentence() throws IOException {
    FullDisk.leave(20_000);
    CommandLineRun run =
        CommandLineRun.of(
            "dedup",
            "--recipe",
            recipe("  sources: [{name: JsonLines, path: " + lines(good("a"), good("b")) + "}]"),
            "--conf",
            "spark.hadoop.fs.full.impl=" + FullDisk.class.getName(),
            "--out",
            "full://" + folder.resolve("out"));

    TestSession.awaitTasks(spark);
    assertThat(run.code()).isEqualTo(4);
    assertParagraph(run);
    assertThat(run.err()).contains("no space left on the disk", "choose another --out");
  }

  @Test
  void aSourceThatWouldLoseTooMuchStopsTheRunBeforeAnythingIsPublished() throws IOException {
    Path file = lines(good("a"), good("a").replace("\"id\": \"a\"", "\"id\": \"b\""), good("c"));
    Path recipe = recipe("  sources: [{name: JsonLines, path: " + file + ", source: mine}]");
    Path out = folder.resolve("out");
    String[] limits = {
      "stopLoss.maximumSourceLoss=0.3",
      "stopLoss.minimumSourceSize=1",
      "stopLoss.maximumClusterShare=0.5",
      "stopLoss.minimumClusterSize=2"
    };

    CommandLineRun run =
        CommandLineRun.of(
            "dedup",
            "--recipe",
            recipe,
            "--out",
            out,
            "--set",
            limits[0],
            "--set",
            limits[1],
            "--set",
            limits[2],
            "--set",
            limits[3]);

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .contains(
            "source mine loses 1 of 3 documents (33.3 %) {exact_duplicate=1}",
            "maximumSourceLoss is 0.3", "the cluster of a holds 2 of 3 documents (66.67 %)");
    assertThat(out.resolve("tables/documents")).doesNotExist();
    assertThat(CommandLineRun.record(out).path("retryable").asBoolean()).isFalse();

    CommandLineRun free =
        CommandLineRun.of("dedup", "--recipe", recipe, "--out", out, "--overwrite");
    assertThat(free.code()).as(free.err()).isZero();
    JsonNode metrics = CommandLineRun.record(out).path("metrics");
    assertThat(metrics.path("words_removed").asInt()).isEqualTo(7);
    assertThat(metrics.path("bytes_in").asInt()).isEqualTo(3 * 29);
    assertThat(metrics.path("largest_source_loss").asDouble()).isEqualTo(1 / 3.0);
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("The 1 largest clusters", "2 documents", "mine");
  }

  private CommandLineRun dedup(Path lines, Path out) throws IOException {
    return CommandLineRun.of(
        "dedup",
        "--recipe",
        recipe("  sources: [{name: JsonLines, path: " + lines + "}]"),
        "--out",
        out);
  }

  private static void assertParagraph(CommandLineRun run) {
    assertThat(run.err()).doesNotContain("\tat ", "Exception");
    assertThat(run.err().lines().filter(line -> !line.isBlank()).count()).isBetween(1L, 4L);
  }

  private Path recipe(String... corpus) throws IOException {
    return Files.writeString(
        folder.resolve("recipe.yaml"),
        "seed: 17\ndeduplicate: {deduplicators: [{name: ExactHash}]}\ncorpus:\n"
            + String.join("\n", corpus)
            + "\n");
  }

  private Path lines(String... lines) throws IOException {
    return Files.writeString(folder.resolve("lines.jsonl"), String.join("\n", lines) + "\n");
  }

  private static String good(String id) {
    return GOOD.formatted(id, id);
  }

  private Path badLines() throws IOException {
    Path file = folder.resolve("bad.jsonl");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (String line :
          new String[] {
            good("a"),
            "{\"id\": \"b\", \"text\": \"cut sh",
            "{\"id\": \"c\", \"text\": \"  \"}",
            good("a"),
            good("d")
          }) {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
      out.write("{\"id\": \"e\", \"text\": \"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
      out.write("{\"id\": \"f\", \"text\": \"".getBytes(StandardCharsets.UTF_8));
      byte[] block = "0123456789abcdef".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 50; i++) {
        out.write(block);
      }
      out.write("\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private static void badJars(Path jars) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("a/Good.java"));
      zip.write(
          """
          package a;
          class Good {
            /** Reverses the order of the given array in place. */
            void reverse(int[] array) { reverse(array, 0); }
          }
          """
              .getBytes(StandardCharsets.UTF_8));
    }
    byte[] whole = bytes.toByteArray();
    Files.write(jars.resolve("good-1.0-sources.jar"), whole);
    Files.write(jars.resolve("cut-2.0-sources.jar"), Arrays.copyOf(whole, whole.length / 2));
    Files.writeString(jars.resolve("nozip-1.0-sources.jar"), "this is no zip file");
  }
}
