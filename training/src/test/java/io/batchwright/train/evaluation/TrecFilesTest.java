package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrecFilesTest {
  @TempDir Path folder;

  private final Ids queries = Ids.of(List.of("q 1", "q2"));
  private final Ids documents = Ids.of(List.of("a.B#c(int, int)", "100%", "plain"));

  @Test
  void aRunFileHasSixFieldsAndReadsBackTheSame() throws IOException {
    Rankings rankings =
        Rankings.of(
            queries,
            documents,
            new int[][] {{0, 1, 2}, {2}},
            new float[][] {{0.1f, 0.30000001f, 0.1f}, {-7e-20f}});
    Path file = folder.resolve("model.run");

    TrecRun.write(file, rankings, "model");
    Rankings read = TrecRun.read(file);

    assertThat(Files.readAllLines(file)).first().isEqualTo("q%201 Q0 100%25 1 0.3 model");
    assertThat(read.queries().names()).isEqualTo(queries.names());
    for (int q = 0; q < queries.size(); q++) {
      Rankings expected = rankings.inTrecOrder();
      assertThat(read.length(q)).isEqualTo(expected.length(q));
      for (int rank = 0; rank < read.length(q); rank++) {
        assertThat(read.documents().name(read.document(q, rank)))
            .isEqualTo(documents.name(expected.document(q, rank)));
        assertThat(read.score(q, rank)).isEqualTo(expected.score(q, rank));
      }
    }
  }

  @Test
  void judgementsReadBackTheSame() throws IOException {
    Qrels qrels =
        Qrels.builder(queries, documents)
            .add("q 1", "a.B#c(int, int)", 2)
            .add("q2", "plain", 0)
            .add("q2", "100%", 1)
            .build();
    Path file = folder.resolve("qrels.txt");

    TrecQrels.write(file, qrels);
    Qrels read = TrecQrels.read(file);

    assertThat(Files.readAllLines(file)).contains("q%201 0 a.B#c(int,%20int) 2");
    assertThat(read.size()).isEqualTo(3);
    int query = read.queries().ordinal("q 1");
    assertThat(read.relevance(query, read.documents().ordinal("a.B#c(int, int)"))).isEqualTo(2);
  }

  @Test
  void damagedLinesAreNamed() throws IOException {
    Path run = Files.writeString(folder.resolve("bad.run"), "q Q0 d 1 0.5 t\nq Q0 d 2\n");
    Path score = Files.writeString(folder.resolve("score.run"), "q Q0 d 1 high t\n");
    Path qrels = Files.writeString(folder.resolve("bad.txt"), "q 0 d one\n");

    assertThatThrownBy(() -> TrecRun.read(run))
        .hasMessage(run + ":2: a run line has 6 fields, got 4");
    assertThatThrownBy(() -> TrecRun.read(score))
        .hasMessage(score + ":1: score is not a number: high");
    assertThatThrownBy(() -> TrecQrels.read(qrels))
        .hasMessage(qrels + ":1: relevance is not an integer: one");
  }

  @Test
  void judgementsOfUnknownDocumentsAreRefused() {
    assertThatThrownBy(() -> Qrels.builder(queries, documents).add("q2", "other", 1))
        .hasMessage("qrels name an unknown document: other");
    assertThatThrownBy(() -> Ids.of(List.of("x", "y", "x")))
        .hasMessage("id x stands twice, at 0 and 2");
  }
}
