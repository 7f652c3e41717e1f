package io.batchwright.jobs.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.TestSession;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.evaluation.Bm25;
import io.batchwright.train.evaluation.Bm25Index;
import io.batchwright.train.evaluation.Ids;
import io.batchwright.train.evaluation.Rankings;
import io.batchwright.train.evaluation.TextAnalysis;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against one Lucene index of all documents. */
class Bm25SearchTest {
  private static final int DOCUMENTS = 60;
  private static final Bm25Recipe CODE = new Bm25Recipe(Bm25Use.MINER, TextAnalysis.CODE, 0.9, 0.4);

  private static SparkSession spark;
  private static final List<String> ids = new ArrayList<>();
  private static final List<String> texts = new ArrayList<>();

  @BeforeAll
  static void start() {
    spark = TestSession.open();
    RandomStream random = RandomStream.of(3, "words", 0, 0);
    for (int i = 0; i < DOCUMENTS; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w < 3 + i % 17; w++) {
        text.append("readWord").append(random.belowAt(100L * i + w, 30)).append(' ');
      }
      ids.add("d%02d".formatted(i));
      texts.add(i == 7 ? "" : text.toString());
    }
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> table(String id, String text, List<String> names, List<String> all) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      rows.add(RowFactory.create(names.get(i), all.get(i)));
    }
    StructType schema =
        new StructType()
            .add(id, DataTypes.StringType, false)
            .add(text, DataTypes.StringType, false);
    return spark.createDataFrame(rows, schema);
  }

  private static Bm25Search search(List<String> documents) {
    return new Bm25Search(
        CODE,
        table(
            "query_id",
            "query",
            List.of("q1", "q2", "q3"),
            List.of("Word3 Word4", "word5 word5 read", "!")),
        table("doc_id", "text", ids, documents));
  }

  @Test
  void rankingAndScoresAreThoseOfOneIndex() throws IOException {
    Ids queries = Ids.of(List.of("q1", "q2", "q3"));
    Map<String, Float> expected = new HashMap<>();
    List<String> ranked = new ArrayList<>();
    try (Bm25Index index = Bm25Index.build(Ids.of(ids), texts, TextAnalysis.CODE)) {
      Rankings all =
          index.search(
              index.prepare(queries, List.of("Word3 Word4", "word5 word5 read", "!")),
              DOCUMENTS,
              new Bm25(0.9, 0.4),
              index.statistics(),
              1);
      for (int q = 0; q < 3; q++) {
        for (int rank = 0; rank < all.length(q); rank++) {
          String pair = queries.name(q) + " " + ids.get(all.document(q, rank));
          expected.put(pair, all.score(q, rank));
          if (rank < 8) {
            ranked.add(pair + " " + (rank + 1));
          }
        }
      }
    }
    assertThat(ranked).hasSize(16);
    List<Row> found = search(texts).search(8).orderBy("query_id", "rank").collectAsList();
    assertThat(
            found.stream()
                .map(row -> row.getString(0) + " " + row.getString(1) + " " + row.getInt(2)))
        .containsExactlyElementsOf(ranked);
    found.forEach(
        row ->
            assertThat(row.getFloat(3))
                .isEqualTo(expected.get(row.getString(0) + " " + row.getString(1))));

    Dataset<Row> pairs =
        table(
            "query_id",
            "doc_id",
            List.of("q1", "q2", "q3", "q1", "q9"),
            List.of("d03", "d07", "d03", "d40", "d01"));
    List<Row> scored = search(texts).scores(pairs).collectAsList();
    assertThat(scored).hasSize(4); // there is no q9
    scored.forEach(
        row ->
            assertThat(row.getFloat(2))
                .isCloseTo(
                    expected.getOrDefault(row.getString(0) + " " + row.getString(1), 0f),
                    within(1e-6f)));
  }

  @Test
  void documentsWithoutTermsAreRefused() {
    assertThatThrownBy(() -> search(texts.stream().map(text -> "...").toList()).search(3))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage("None of the documents has a term for BM25 to find.");
  }
}
