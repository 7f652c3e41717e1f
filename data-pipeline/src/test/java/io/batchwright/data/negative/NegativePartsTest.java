package io.batchwright.data.negative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Five documents d0 to d4 (texts 0 to 4), three queries q0 to q2 (texts 5 to 7). */
class NegativePartsTest {
  private static SparkSession spark;
  private static Dataset<Row> samples;
  private static Dataset<Row> texts;
  private static Dataset<Row> tokens;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
    List<Row> rows = new ArrayList<>();
    List<Row> lengths = new ArrayList<>();
    for (long text = 0; text < 8; text++) {
      String kind = text < 5 ? "document" : "query";
      rows.add(RowFactory.create(text, kind, kind.charAt(0) + "" + (text < 5 ? text : text - 5)));
      lengths.add(RowFactory.create(text, new int[0], text == 4 ? 0 : 10 + (int) text, "sha"));
    }
    texts =
        spark.createDataFrame(
            rows,
            new StructType()
                .add("text_id", DataTypes.LongType)
                .add("kind", DataTypes.StringType)
                .add("id", DataTypes.StringType));
    tokens = spark.createDataFrame(lengths, Tables.TOKENS);
    List<Row> pairs = new ArrayList<>();
    for (long i = 0; i < 3; i++) {
      List<Row> parts =
          List.of(
              RowFactory.create("query", 5 + i, 15 + (int) i),
              RowFactory.create("positive", i, 10 + (int) i));
      pairs.add(RowFactory.create(i, "q" + i + ":d" + i, "source", parts, i));
    }
    samples = spark.createDataFrame(pairs, Tables.SAMPLES);
  }

  private static Dataset<Row> negatives(Object... queryDocumentRank) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < queryDocumentRank.length; i += 3) {
      rows.add(
          RowFactory.create(
              queryDocumentRank[i],
              queryDocumentRank[i + 1],
              queryDocumentRank[i + 2],
              0.5f,
              "test"));
    }
    return spark.createDataFrame(rows, Tables.CANDIDATES);
  }

  /** q0 has three negatives, q1 one of them without tokens, q2 two. */
  private static Dataset<Row> mined() {
    return negatives(
        "q0", "d3", 1, "q0", "d1", 2, "q0", "d2", 3, //
        "q1", "d4", 1, "q1", "d3", 2, //
        "q2", "d0", 2, "q2", "d1", 1);
  }

  @Test
  void eachSampleGetsTheSameNumberBestFirstOrGoes() {
    Outcome outcome = new NegativeParts(mined(), 2, Optional.empty()).addTo(samples, texts, tokens);
    List<Row> kept = outcome.kept().orderBy("sample").collectAsList();
    assertThat(outcome.kept().schema().names()).isEqualTo(Tables.SAMPLES.names());
    assertThat(kept.stream().map(row -> row.getString(1))).containsExactly("q0:d0", "q2:d2");
    assertThat(kept.stream().map(row -> row.getLong(0))).containsExactly(0L, 1L);
    assertThat(parts(kept.get(0)))
        .containsExactly("query 5 15", "positive 0 10", "negative 3 13", "negative 1 11");
    assertThat(parts(kept.get(1)))
        .containsExactly("query 7 17", "positive 2 12", "negative 1 11", "negative 0 10");
    List<Row> removed = outcome.removed().collectAsList();
    assertThat(removed).hasSize(1);
    assertThat(removed.get(0).getString(0)).isEqualTo("q1:d1");
    assertThat(removed.get(0).getString(3)).isEqualTo("too_few_negatives");
  }

  @Test
  void eachNegativeCanMakeASampleOfItsOwn() {
    Outcome outcome =
        new NegativeParts(
                negatives("q0", "d3", 2, "q0", "d1", 1, "q0", "d2", 3, "q2", "d0", 1),
                2,
                Optional.empty())
            .spread(samples, texts, tokens);
    List<Row> kept = outcome.kept().orderBy("sample").collectAsList();
    assertThat(kept.stream().map(row -> row.getLong(0) + " " + row.getString(1)))
        .containsExactly("0 q0:d0:d1", "1 q0:d0:d3", "2 q2:d2:d0");
    assertThat(parts(kept.get(1))).containsExactly("query 5 15", "positive 0 10", "negative 3 13");
    assertThat(outcome.removed().select("doc_id").collectAsList())
        .containsExactly(RowFactory.create("q1:d1"));
  }

  private static List<String> parts(Row sample) {
    return sample.<Row>getList(3).stream()
        .map(part -> part.getString(0) + " " + part.getLong(1) + " " + part.getInt(2))
        .toList();
  }

  private static Dataset<Row> scores(String... pairs) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < pairs.length; i++) {
      String[] pair = pairs[i].split(" ");
      rows.add(RowFactory.create(pair[0], pair[1], 10.0 + i));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("query_id", DataTypes.StringType)
            .add("doc_id", DataTypes.StringType)
            .add("score", DataTypes.DoubleType));
  }

  @Test
  void aTeachersScoresStandInTheParts() {
    Dataset<Row> scores = scores("q0 d0", "q0 d3", "q1 d1", "q1 d3", "q2 d2", "q2 d1");
    List<Row> kept =
        new NegativeParts(mined(), 1, Optional.of(scores))
            .addTo(samples, texts, tokens)
            .kept()
            .orderBy("sample")
            .collectAsList();
    assertThat(kept).hasSize(3);
    List<Row> parts = kept.get(1).getList(3);
    assertThat(parts.get(0).isNullAt(3)).isTrue();
    assertThat(parts.get(1).getFloat(3)).isEqualTo(12);
    assertThat(parts.get(2).getLong(1)).isEqualTo(3); // d4 has no tokens
    assertThat(parts.get(2).getFloat(3)).isEqualTo(13);
  }

  @Test
  void thePairsAreThoseWhoseScoresAreRead() {
    NegativeParts parts = new NegativeParts(mined(), 1, Optional.empty());
    assertThat(
            parts.pairs(samples, texts, tokens).distinct().collectAsList().stream()
                .map(row -> row.getString(0) + " " + row.getString(1)))
        .containsExactlyInAnyOrder("q0 d0", "q0 d3", "q1 d1", "q1 d3", "q2 d2", "q2 d1");
  }

  @Test
  void aMissingScoreIsNamed() {
    Dataset<Row> scores = scores("q0 d0", "q0 d3", "q1 d1", "q1 d3", "q2 d2");
    assertThatThrownBy(
            () -> new NegativeParts(mined(), 1, Optional.of(scores)).addTo(samples, texts, tokens))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage("the teacher's scores lack a text of 1 samples, such as q2:d2");
  }
}
