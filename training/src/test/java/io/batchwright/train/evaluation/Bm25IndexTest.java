package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Bm25IndexTest {
  private static final List<String> TEXTS =
      List.of(
          "static byte[] toByteArray(InputStream input) { return copyAll(input); }",
          "static void reverse(int[] array) { swap(array, 0, array.length - 1); }",
          "static int index_of(char[] array, char wanted) { return -1; }",
          "HTTP2Settings parseHttp2Settings(String line)");
  private static final Ids DOCUMENTS = Ids.of(List.of("bytes", "reverse", "index", "http"));

  @Test
  void identifiersAreSplitAtCaseUnderscoresAndDigitsAndKeptWhole() {
    assertThat(TextAnalysis.CODE.terms("parseHttp2Settings index_of toByteArray"))
        .contains("pars", "http", "2", "set", "index", "byte", "arrai", "tobytearrai");
    assertThat(TextAnalysis.PROSE.terms("Reversing the arrays")).containsExactly("revers", "arrai");
  }

  @Test
  void wordsFindTheIdentifiersTheyArePartOf() throws IOException {
    try (Bm25Index index = Bm25Index.build(DOCUMENTS, TEXTS, TextAnalysis.CODE)) {
      Rankings found =
          search(
              index,
              index.statistics(),
              "reads bytes into an array",
              "Reverses the array in place",
              "index of a char",
              "HTTP settings");

      assertThat(found.document(0, 0)).isEqualTo(0);
      assertThat(found.document(1, 0)).isEqualTo(1);
      assertThat(found.document(2, 0)).isEqualTo(2);
      assertThat(found.document(3, 0)).isEqualTo(3);
    }
  }

  @Test
  void scoresFollowTheFormula() throws IOException {
    Ids documents = Ids.of(List.of("a", "b", "c"));
    List<String> texts = List.of("apple apple pear", "apple plum cherry", "grape");
    try (Bm25Index index = Bm25Index.build(documents, texts, TextAnalysis.PROSE)) {
      Bm25Statistics statistics = index.statistics();
      Rankings found =
          index.search(
              index.prepare(Ids.of(List.of("q")), List.of("apples")),
              10,
              new Bm25(1.2, 0.75),
              statistics,
              1);

      assertThat(statistics.documents()).isEqualTo(3);
      assertThat(statistics.averageLength()).isCloseTo(7 / 3.0, within(1e-9));
      double idf = Math.log(1 + (3 - 2 + 0.5) / (2 + 0.5));
      double saturation = 1.2 * (1 - 0.75 + 0.75 * 3 / (7 / 3.0));
      assertThat((double) found.score(0, 0)).isCloseTo(idf * 2 / (2 + saturation), within(1e-6));
      assertThat((double) found.score(0, 1)).isCloseTo(idf * 1 / (1 + saturation), within(1e-6));
      assertThat(found.length(0)).isEqualTo(2);
    }
  }

  @Test
  void statisticsOfOtherDocumentsChangeScoresAndUnseenTermsWeighMost() throws IOException {
    Bm25Statistics training = new Bm25Statistics(1000, 8, Map.of("arrai", 900, "revers", 10));
    assertThat(training.idf("unseen")).isCloseTo(Math.log(1 + 1000.5 / 0.5), within(1e-12));
    assertThat(training.idf("unseen")).isGreaterThan(training.idf("revers"));
    assertThat(training.idf("arrai")).isPositive().isLessThan(0.2);

    try (Bm25Index index = Bm25Index.build(DOCUMENTS, TEXTS, TextAnalysis.CODE)) {
      Rankings own = search(index, index.statistics(), "reverse");
      Rankings given = search(index, training, "reverse");

      assertThat(given.document(0, 0)).isEqualTo(own.document(0, 0));
      assertThat(given.score(0, 0)).isNotEqualTo(own.score(0, 0));
      assertThat((double) given.score(0, 0) / training.idf("revers"))
          .as("the rest of the score has no other use of the index's own counts")
          .isCloseTo(1 / (1 + 1.2 * (1 - 0.75 + 0.75 * 10 / 8.0)), within(0.1));
    }
  }

  @Test
  void equalScoresRankByOrdinalWhateverTheThreads() throws IOException {
    List<String> names = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      names.add("d" + i);
      texts.add("same words in every document");
    }
    try (Bm25Index index = Bm25Index.build(Ids.of(names), texts, TextAnalysis.PROSE)) {
      for (int threads = 1; threads <= 3; threads++) {
        Rankings found =
            index.search(
                index.prepare(Ids.of(List.of("q", "r")), List.of("words", "document same")),
                50,
                Bm25.PAPER,
                index.statistics(),
                threads);
        for (int rank = 0; rank < 50; rank++) {
          assertThat(found.document(0, rank)).isEqualTo(rank);
          assertThat(found.document(1, rank)).isEqualTo(rank);
        }
      }
    }
  }

  @Test
  void tuningPicksTheBestOfTheGrid() throws IOException {
    Ids queries = Ids.of(List.of("q1", "q2"));
    Qrels qrels =
        Qrels.builder(queries, DOCUMENTS).add("q1", "bytes", 1).add("q2", "index", 1).build();
    Bm25Tuning tuning =
        Bm25Tuning.on(
            new RetrievalTask(
                DOCUMENTS,
                TEXTS,
                queries,
                List.of("input to byte array", "array char"),
                List.of("c1", "c2"),
                qrels),
            TextAnalysis.CODE,
            500,
            2);

    assertThat(tuning.trials()).hasSize(25);
    assertThat(tuning.trials())
        .extracting(trial -> trial.parameters().k1())
        .containsOnlyElementsOf(Bm25Tuning.K1_GRID);
    double best = tuning.trials().stream().mapToDouble(Bm25Tuning.Trial::mean).max().orElseThrow();
    assertThat(tuning.trials())
        .filteredOn(trial -> trial.mean() == best)
        .first()
        .extracting(Bm25Tuning.Trial::parameters)
        .isEqualTo(tuning.best());
    assertThat(tuning.statistics().documents()).isEqualTo(TEXTS.size());
  }

  private static Rankings search(Bm25Index index, Bm25Statistics statistics, String... texts)
      throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      names.add("q" + i);
    }
    return index.search(
        index.prepare(Ids.of(names), List.of(texts)), 10, Bm25.PAPER, statistics, 1);
  }
}
