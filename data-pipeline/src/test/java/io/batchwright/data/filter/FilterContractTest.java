package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What every filter must meet, and what each one does. */
class FilterContractTest {
  private static final String PROSE =
      "The quick brown fox jumps over the lazy dog and then it goes home to sleep. ".repeat(5);

  private static SparkSession spark;

  @BeforeAll
  static void openSession() {
    spark = TestSpark.session();
  }

  @Test
  void everyMemberIsARecipeWithItsPaperAndAReasonOfItsOwn() throws Exception {
    Set<String> reasons = new HashSet<>();
    for (Class<? extends Filter> member : Techniques.of(Filter.class)) {
      assertThat(member.isAnnotationPresent(Paper.class)).as(member.getName()).isTrue();
      Filter filter = (Filter) Techniques.defaults(member).orElseThrow();
      assertThat(filter.reason()).matches("[a-z_]+");
      assertThat(reasons.add(filter.reason())).as(filter.reason()).isTrue();
      assertThat(copy(filter)).isEqualTo(filter);
    }
    assertThat(reasons).hasSize(6);
  }

  @Test
  void noMemberRemovesOrdinaryProseAndEveryMemberAnswersForStrangeTexts() {
    List<String> texts = List.of(PROSE, "", " \n\t", "\u0000", "\ud83d\ude00", "7 7 7\n7 7 7");
    for (Class<? extends Filter> member : Techniques.of(Filter.class)) {
      Filter filter = (Filter) Techniques.defaults(member).orElseThrow();
      List<Row> answers = documents(texts).select(filter.keeps(col("text"))).collectAsList();
      assertThat(answers).as(member.getName()).noneMatch(row -> row.isNullAt(0));
      assertThat(kept(filter, PROSE)).as(member.getName()).isTrue();
    }
  }

  @Test
  void eachMemberRemovesWhatItIsFor() {
    assertThat(kept(new MinimumLength(3, "words"), "two words")).isFalse();
    assertThat(kept(new MinimumLength(9, "characters"), "two words")).isTrue();
    assertThat(kept(new MaximumLength(8, "characters"), "two words")).isFalse();
    assertThat(kept(new MaximumLength(2, "words"), " two\n words ")).isTrue();
    assertThat(kept(MeanWordLength.PAPER, "a b c d")).isFalse();
    assertThat(kept(MeanWordLength.PAPER, "QUJDREVGR0hJSktMTU5PUA== and")).isFalse();
    assertThat(kept(AlphabeticShare.PAPER, "1 2 3 four")).isFalse();
    assertThat(kept(AlphabeticShare.PAPER, "\u00e9t\u00e9 \u4e2d\u6587 a b 1")).isTrue();
    assertThat(kept(RepeatedLines.PAPER, "buy\n buy \nbuy\nnow")).isFalse();
    assertThat(kept(RepeatedLines.PAPER, "one\n\n\n\ntwo\nthree")).isTrue();
    assertThat(kept(PlaceholderText.PAPER, "Lorem IPSUM dolor")).isFalse();
  }

  @Test
  void aDocumentIsRemovedOnceUnderTheFirstFiltersReason() {
    Dataset<Row> documents = documents(List.of(PROSE, "1 2", "lorem ipsum dolor sit amet"));
    Outcome outcome =
        Filters.apply(
            documents,
            List.of(new MinimumLength(3, "words"), AlphabeticShare.PAPER, PlaceholderText.PAPER),
            "duplicates");

    assertThat(outcome.kept().columns()).isEqualTo(documents.columns());
    assertThat(outcome.kept().select("doc_id").collectAsList())
        .containsExactly(RowFactory.create("0"));
    assertThat(outcome.removed().columns()).isEqualTo(Tables.REMOVED.fieldNames());
    assertThat(
            outcome.removed().orderBy("doc_id").select("doc_id", "stage", "reason").collectAsList())
        .containsExactly(
            RowFactory.create("1", "duplicates", "too_short"),
            RowFactory.create("2", "duplicates", "placeholder_text"));
    assertThat(outcome.quarantined().isEmpty()).isTrue();
    assertThat(Filters.apply(documents, List.of(), "s").kept().count()).isEqualTo(3);
  }

  @Test
  void rangesAreChecked() {
    assertThatThrownBy(() -> new AlphabeticShare(1.5))
        .hasMessage("AlphabeticShare.minimum must be in [0, 1], got 1.5");
    assertThatThrownBy(() -> new MinimumLength(1, "lines"))
        .hasMessage("MinimumLength.unit must be one of characters, words, got lines");
    assertThatThrownBy(() -> new MeanWordLength(5, 3))
        .hasMessage("MeanWordLength.maximum must be at least 5, got 3");
  }

  private static boolean kept(Filter filter, String text) {
    return documents(List.of(text)).select(filter.keeps(col("text"))).first().getBoolean(0);
  }

  private static Dataset<Row> documents(List<String> texts) {
    List<Row> rows = new ArrayList<>();
    for (String text : texts) {
      rows.add(RowFactory.create(Integer.toString(rows.size()), "s", text, null));
    }
    return spark.createDataFrame(rows, Tables.DOCUMENTS);
  }

  private static Object copy(Object value) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }
}
