package io.batchwright.data.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.ledger.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  private static Row query(String id, String text, String split) {
    return RowFactory.create(id, text, "lib", "group", split);
  }

  private static Row document(String id, String text) {
    return RowFactory.create(id, "lib", text, null);
  }

  @Test
  void textsBecomeTokensAndPairsBecomeSamples() {
    Dataset<Row> queries =
        spark.createDataFrame(
            List.of(
                query("q2", "Reverse  an Array", "train"),
                query("q1", "reverse an array", "train"),
                query("q3", "...", "train"),
                query("q4", "close the stream", "held_out")),
            Tables.QUERIES);
    Dataset<Row> documents =
        spark.createDataFrame(
            List.of(
                document("d2", "void close(Stream stream)"),
                document("d1", "reverse(int[] array) reverse(int[] array)")),
            Tables.DOCUMENTS);
    Dataset<Row> qrels =
        spark.createDataFrame(
            List.of(
                RowFactory.create("q1", "d1", 1),
                RowFactory.create("q2", "d1", 1),
                RowFactory.create("q2", "d2", 0),
                RowFactory.create("q1", "gone", 1),
                RowFactory.create("q3", "d2", 1),
                RowFactory.create("q4", "d2", 1)),
            Tables.QRELS);
    Dataset<Row> textIds = TextIds.of(queries, documents).cache();
    assertThat(column(textIds.orderBy("text_id"), "id"))
        .containsExactly("d1", "d2", "q1", "q2", "q3", "q4");

    TrainedTokenizer tokenizer =
        new WordPiece(300, 1, 1_000, WordRules.CODE).train(textIds.select("text"));
    Dataset<Row> tokens = new Tokenize(4).apply(textIds, tokenizer, false).cache();
    assertThat(tokens.schema()).isEqualTo(Tokenize.SCHEMA);
    Row first = tokens.where("text_id = 0").head();
    assertThat(first.getInt(2)).isEqualTo(4);
    assertThat(first.getList(1)).hasSize(4);
    assertThat(first.getString(3)).isEqualTo(tokenizer.sha256());
    assertThat(first.getInt(4)).isPositive();
    assertThat(tokens.where("text_id = 4").head().getInt(2)).isZero();

    Outcome outcome = Samples.of(queries, qrels, textIds, tokens);
    List<Row> kept = outcome.kept().orderBy("sample").collectAsList();
    assertThat(outcome.kept().schema().names()).isEqualTo(Tables.SAMPLES.names());
    assertThat(kept).extracting(row -> row.getString(1)).containsExactly("q1:d1", "q2:d1");
    assertThat(kept).extracting(row -> row.getLong(0)).containsExactly(0L, 1L);
    assertThat(kept.get(0).getLong(4)).isEqualTo(kept.get(1).getLong(4));
    List<Row> parts = kept.get(0).getList(3);
    assertThat(parts.get(0)).isEqualTo(RowFactory.create("query", 2L, 3));
    assertThat(parts.get(1)).isEqualTo(RowFactory.create("positive", 0L, 4));
    List<Row> removed = outcome.removed().orderBy("doc_id").collectAsList();
    assertThat(removed)
        .extracting(row -> row.getString(0) + " " + row.getString(3))
        .containsExactly("q1:gone unknown_document", "q3:d2 empty_after_tokenization");
  }

  private static List<String> column(Dataset<Row> rows, String name) {
    List<String> values = new ArrayList<>();
    rows.select(name).collectAsList().forEach(row -> values.add(row.getString(0)));
    return values;
  }
}
