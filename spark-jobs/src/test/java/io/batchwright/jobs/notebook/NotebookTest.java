package io.batchwright.jobs.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.jobs.CommandRun;
import io.batchwright.jobs.ScalaShell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parses every note, and runs its paragraphs on a small corpus, without Zeppelin. */
@Tag("slow")
class NotebookTest {
  private static final Path NOTES = Path.of(System.getProperty("batchwright.root"), "notebooks");
  private static final List<String> MAGICS = List.of("spark.conf", "spark", "spark.sql", "md");
  private static final Pattern ABSOLUTE =
      Pattern.compile("(?<![\\w./:])/(?!/)[A-Za-z][\\w.-]*/[\\w./-]*|[A-Z]:\\\\\\\\|file:/");
  private static final Pattern SECRET =
      Pattern.compile("(?i)(password|secret|token|api.?key)\\s*[=:]\\s*\\S+|AKIA[0-9A-Z]{16}");

  private static final String RECIPE =
      """
      seed: 5
      corpus: {filters: [{name: MinimumLength, minimum: 20, unit: characters}]}
      split: {heldOut: [gamma], validationShare: 0.1}
      tokens:
        tokenizer: {name: WordPiece, vocabularySize: 400, minCount: 1}
        tokenize: {maxTokens: 250}
      batches:
        bucketing: {name: LengthBuckets, buckets: 2}
        policy: {name: NoDuplicates, pairsPerStep: 16, dropLast: false}
      train:
        epochs: 4
        model: {name: StaticEmbedding, dims: 32}
        schedule: {name: WarmupCosine, peakRate: 0.02}
        backend: java
        checkpointEverySteps: 3
        validation: {monitor: MRR10, patience: 2, minimumDelta: 0.5, exportBest: true}
      evaluate: {shuffled: false}
      """;

  @TempDir Path folder;

  /** One paragraph: the magic of its first line, and the lines below. */
  private record Paragraph(String title, String magic, String body) {}

  @Test
  void everyNoteIsFitToBeShared() throws IOException {
    Map<String, List<Paragraph>> notes = notes();
    assertThat(notes).isNotEmpty();
    notes.forEach(
        (name, paragraphs) -> {
          assertThat(paragraphs.get(0).magic()).as(name).isEqualTo("spark.conf");
          assertThat(paragraphs.get(0).body())
              .contains("spark.jars ", "zeppelin.spark.enableSupportedVersionCheck false");
          assertThat(paragraphs).extracting(Paragraph::magic).isSubsetOf(MAGICS);
          assertThat(paragraphs).extracting(Paragraph::title).doesNotHaveDuplicates();
          for (Paragraph paragraph : paragraphs) {
            assertThat(paragraph.body())
                .as(name + ", " + paragraph.title())
                .isNotBlank()
                .doesNotContainPattern(ABSOLUTE)
                .doesNotContainPattern(SECRET);
          }
        });
  }

  @Test
  void noNoteCarriesResults() throws IOException {
    for (Path file : files()) {
      for (JsonNode paragraph : new ObjectMapper().readTree(file.toFile()).path("paragraphs")) {
        assertThat(paragraph.has("results")).as(file.toString()).isFalse();
        assertThat(paragraph.path("status").asText()).isEqualTo("READY");
      }
    }
  }

  @Test
  void everyParagraphOfTheQuickstartRunsAndLeavesARunOfTheCommandLine() throws IOException {
    Path jars = folder.resolve("jars");
    SmallLibraries.write(jars);
    Path recipe = Files.writeString(folder.resolve("small.yaml"), RECIPE);
    Path out = folder.resolve("out");
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
    try {
      Map<String, List<Row>> tables = new LinkedHashMap<>();
      String printed = run(spark, notes().get("quickstart.zpln"), recipe, jars, out, tables);

      assertThat(spark.sparkContext().isStopped()).isFalse();
      assertThat(printed)
          .contains("96 documents of 3 sources", "removed ", "0 near-duplicates cross")
          .contains("samples in 2 buckets", "steps in 4 epochs", "BM25 on nDCG@10", "32 dims");
      assertThat(tables.get("Where the duplicates were")).isNotEmpty();
      assertThat(tables.get("A removed document beside the one that stayed")).isNotEmpty();
      assertThat(tables.get("Lengths")).isNotEmpty();
      assertThat(tables.get("What a batch is made of").get(0).getLong(1)).isEqualTo(16);
      assertThat(tables.get("The answers")).hasSize(10);
    } finally {
      spark.stop();
    }
    JsonNode record = CommandRun.record(out);
    assertThat(record.path("job").asText()).isEqualTo("pipeline");
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(record.path("weights_sha256").asText()).hasSize(64);
    assertThat(record.path("ledger").size()).isEqualTo(8);
    try (Stream<Path> events = Files.list(out.resolve("tensorboard"))) {
      assertThat(events.toList())
          .singleElement()
          .satisfies(file -> assertThat(Files.size(file)).isGreaterThan(1000));
    }
    JsonNode trained = record.path("metrics");
    assertThat(trained.path("train_best_mrr10").asDouble()).isBetween(0.01, 1.0);
    assertThat(trained.path("train_weights_step")).isEqualTo(trained.path("train_best_step"));
    assertThat(trained.path("train_steps").asLong())
        .as("two validations without half a point more end training")
        .isEqualTo(trained.path("train_best_step").asLong() + 6)
        .isLessThan(trained.path("steps_planned").asLong());
    assertThat(out.resolve("report.html")).exists();
    assertThat(out.resolve("logs")).as("a session's owner keeps its logging").doesNotExist();

    CommandRun again =
        CommandRun.of(
            "pipeline", "--recipe", recipe.toString(), "--set", source(jars), "--out", out + "");
    assertThat(again.err()).isEmpty();
    assertThat(again.out()).contains("holds this very run, done before");

    CommandRun measured =
        CommandRun.of(
            "evaluate", "--model", out + "", "--corpus", out + "", "--out", folder + "/measured");
    assertThat(measured.err()).isEmpty();
    JsonNode metrics = CommandRun.record(folder.resolve("measured")).path("metrics");
    for (String name : List.of("ndcg10_model", "ndcg10_bm25", "ndcg10_hybrid", "bm25_k1")) {
      assertThat(metrics.path(name)).as(name).isEqualTo(record.path("metrics").path(name));
    }
  }

  private static String run(
      SparkSession spark,
      List<Paragraph> paragraphs,
      Path recipe,
      Path jars,
      Path out,
      Map<String, List<Row>> tables) {
    StringBuilder printed = new StringBuilder();
    try (ScalaShell shell = new ScalaShell()) {
      for (Paragraph paragraph : paragraphs) {
        if (paragraph.magic().equals("spark.sql")) {
          tables.put(paragraph.title(), spark.sql(paragraph.body()).collectAsList());
        } else if (paragraph.magic().equals("spark")) {
          printed.append(
              shell.run(
                  paragraph.title().equals("Parameters")
                      ? parameters(recipe, jars, out)
                      : paragraph.body()));
        }
      }
    }
    return printed.toString();
  }

  private static String parameters(Path recipe, Path jars, Path out) {
    return "val recipe = \"%s\"\nval out = \"%s\"\nval settings = Seq(\"%s\")\n"
        .formatted(recipe, out, source(jars));
  }

  private static String source(Path jars) {
    return "corpus.sources=[{name: io.batchwright.jobs.javadoc.JavadocSource, jarsDir: '"
        + jars
        + "'}]";
  }

  private static Map<String, List<Paragraph>> notes() throws IOException {
    Map<String, List<Paragraph>> notes = new LinkedHashMap<>();
    for (Path file : files()) {
      List<Paragraph> paragraphs = new ArrayList<>();
      for (JsonNode paragraph : new ObjectMapper().readTree(file.toFile()).path("paragraphs")) {
        String text = paragraph.path("text").asText();
        int end = text.indexOf('\n');
        assertThat(text).as(file.toString()).startsWith("%").contains("\n");
        paragraphs.add(
            new Paragraph(
                paragraph.path("title").asText(),
                text.substring(1, end).strip(),
                text.substring(end + 1)));
      }
      notes.put(file.getFileName().toString(), paragraphs);
    }
    return notes;
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(NOTES)) {
      return files.filter(file -> file.toString().endsWith(".zpln")).sorted().toList();
    }
  }
}
