package io.batchwright.jobs.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.CommandRun;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchJobTest {
  @TempDir Path folder;

  private Path model;
  private Path corpus;

  @BeforeEach
  void makeModelAndCorpus() throws IOException {
    model = folder.resolve("model");
    WordModel.write(model, List.of("reverse", "an", "array", "sort", "list", "open", "file"));
    corpus = folder.resolve("corpus.jsonl");
    Files.writeString(
        corpus,
        """
        {"doc_id": "files", "text": "open a file"}
        {"doc_id": "reverse", "text": "reverse an array\\n\\n\\tin place"}
        {"doc_id": "sort", "text": "sort an array"}
        {"doc_id": "nothing", "text": " "}
        """);
  }

  @Test
  void itPrintsTheBestDocumentsFirst() {
    CommandRun found = search("reverse an array", "--top", "2");

    assertThat(found.err()).isEmpty();
    assertThat(found.exitCode()).isZero();
    assertThat(found.out())
        .containsSubsequence(
            "1  1.000  reverse", "reverse an array", "in place", "2  0.667  sort", "sort an array")
        .doesNotContain("files")
        .contains("3 documents searched in ", "; 1 without a text left out");
  }

  @Test
  void theFirstDimsAloneCountWhereTheyAreAskedFor() {
    // Its dims are reverse, an, array, ...; of two the query keeps reverse and an.
    CommandRun found = search("reverse array", "--top", "2", "--truncate-dims", "2");
    assertThat(found.err()).isEmpty();
    assertThat(found.out())
        .containsSubsequence("1  0.707  reverse", "2  0.000 ")
        .contains("3 documents searched in ");

    found = search("reverse array", "--truncate-dims", "8");
    assertThat(found.exitCode()).isEqualTo(2);
    assertThat(found.err())
        .contains("truncateDims must be in [1, 7], the dims of the model, or 0 for all, got 8");
  }

  @Test
  void itNeedsNoSparkSession() {
    var before = SparkSession.getDefaultSession();
    search("reverse");

    assertThat(SparkSession.getDefaultSession()).isEqualTo(before);
  }

  @Test
  void compressedFilesOfAFolderAreReadToo() throws IOException {
    Path packed = Files.createDirectories(folder.resolve("packed"));
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(packed.resolve("a.jsonl.gz")))) {
      out.write(
          "{\"_id\": \"x\", \"title\": \"reverse\", \"text\": \"list\"}\n"
              .getBytes(StandardCharsets.UTF_8));
    }

    CommandRun found =
        CommandRun.of(
            "search", "--model", model.toString(), "--corpus", packed.toString(), "reverse list");

    assertThat(found.out()).contains("1  1.000  x", "reverse list");
  }

  @Test
  void aMissingModelIsNamed() {
    CommandRun found =
        CommandRun.of("search", "--model", folder + "/none", "--corpus", corpus.toString(), "x");

    assertThat(found.exitCode()).isEqualTo(2);
    assertThat(found.err()).contains("There is no model folder " + folder + "/none");
  }

  @Test
  void aFolderWithoutAModelIsToldFromOne() {
    CommandRun found =
        CommandRun.of("search", "--model", folder.toString(), "--corpus", corpus.toString(), "x");
    assertThat(found.exitCode()).as("a run folder leads to its model").isZero();

    Path other = folder.resolve("other");
    assertThat(other.toFile().mkdir()).isTrue();
    found =
        CommandRun.of("search", "--model", other.toString(), "--corpus", corpus.toString(), "x");
    assertThat(found.exitCode()).isEqualTo(2);
    assertThat(found.err())
        .contains("is not a model folder: it has neither modules.json nor config.json");
  }

  @Test
  void aTruncatedModelIsRefused() throws IOException {
    Files.write(model.resolve("0_StaticEmbedding/model.safetensors"), new byte[] {1, 2, 3});

    CommandRun found = search("reverse");

    assertThat(found.exitCode()).isEqualTo(3);
    assertThat(found.err()).contains("The model cannot be used", "model.safetensors");
  }

  @Test
  void anEmptyQueryIsRefused() {
    CommandRun found = search(" ");

    assertThat(found.exitCode()).isEqualTo(2);
    assertThat(found.err()).contains("The query is empty");
  }

  @Test
  void anEmptyCorpusIsRefused() throws IOException {
    Files.writeString(corpus, "{\"doc_id\": \"a\", \"text\": \"\"}\n");

    CommandRun found = search("reverse");

    assertThat(found.exitCode()).isEqualTo(3);
    assertThat(found.err()).contains("is empty: it holds no document with a text");
  }

  @Test
  void aBrokenLineIsNamedWithItsPlace() throws IOException {
    Files.writeString(corpus, "{\"text\": \"fine\"}\n{\"text\": \n");

    CommandRun found = search("reverse");

    assertThat(found.exitCode()).isEqualTo(3);
    assertThat(found.err()).contains("corpus.jsonl:2 is not a JSON object");
  }

  @Test
  void longLinesAreCutToTheTerminal() {
    assertThat(SearchJob.firstLines("a".repeat(500)).get(0)).hasSize(104).endsWith("a ...");
    assertThat(SearchJob.firstLines("one\n\n  two\u001b[2J\nthree\nfour"))
        .containsExactly("one", "  two[2J", "three");
  }

  private CommandRun search(String query, String... more) {
    String[] arguments = new String[6 + more.length];
    arguments[0] = "search";
    arguments[1] = "--model";
    arguments[2] = model.toString();
    arguments[3] = "--corpus";
    arguments[4] = corpus.toString();
    arguments[5] = query;
    System.arraycopy(more, 0, arguments, 6, more.length);
    return CommandRun.of(arguments);
  }
}
