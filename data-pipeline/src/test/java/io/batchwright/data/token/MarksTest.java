package io.batchwright.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import io.batchwright.data.TestSpark;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

class MarksTest {
  private static final SpecialTokens CLS_SEP = new SpecialTokens(List.of(8), List.of(9));
  private static final int[] TOKENS = {1, 2, 3, 4, 5};

  @Test
  void piecesOfAnEncoderHaveTheMarksEach() {
    assertThat(Marks.AROUND_PIECES.pieces(TOKENS, CLS_SEP, 4))
        .containsExactly(new int[] {8, 1, 2, 9}, new int[] {8, 3, 4, 9}, new int[] {8, 5, 9});
    assertThat(Marks.AROUND_PIECES.pieces(new int[0], CLS_SEP, 4)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Marks.AROUND_PIECES.pieces(TOKENS, CLS_SEP, 2))
        .withMessageContaining("no room beside the 2 special ones");
  }

  @Test
  void piecesOfADecoderHaveThemWhereTheDocumentBeginsAndEnds() {
    assertThat(Marks.AROUND_DOCUMENTS.pieces(TOKENS, CLS_SEP, 4))
        .containsExactly(new int[] {8, 1, 2, 3}, new int[] {4, 5, 9});
    assertThat(Marks.AROUND_DOCUMENTS.pieces(TOKENS, SpecialTokens.NONE, 4))
        .containsExactly(new int[] {1, 2, 3, 4}, new int[] {5});
    assertThat(Marks.AROUND_DOCUMENTS.pieces(new int[0], CLS_SEP, 4)).isEmpty();
  }

  @Test
  void documentsBecomePiecesWithTheirTokensInOrderAndNothingIsCutOff() {
    String words = "one two three four five six seven eight nine ten";
    Dataset<Row> texts =
        TestSpark.session()
            .createDataset(List.of(words, "", "one"), Encoders.STRING())
            .toDF("text")
            .selectExpr("text", "case text when '' then 6L when 'one' then 7L else 5L end text_id");
    TrainedTokenizer bpe = new ByteLevelBpe(300, 1, 100, WordRules.VERBATIM).train(texts);
    List<Row> pieces =
        new Tokenize(7)
            .pieces(texts, bpe, Marks.AROUND_DOCUMENTS)
            .withColumn("document", Tokenize.document(functions.col("text_id")))
            .orderBy("text_id")
            .collectAsList();
    int end = TokenizerDescription.specialTokens(bpe.json()).get(Marks.END_OF_TEXT);
    StringBuilder all = new StringBuilder();
    int[] ids;
    try (Tokenizer tokenizer = Tokenizer.load(bpe.json())) {
      ids = tokenizer.encode(words);
    }
    for (int id : ids) {
      all.append(id).append(' ');
    }
    StringBuilder found = new StringBuilder();
    for (Row piece : pieces) {
      assertThat(piece.<Integer>getList(1)).hasSize(piece.getInt(2)).hasSizeBetween(1, 7);
      if (piece.<Long>getAs("document") == 5) {
        piece.<Integer>getList(1).forEach(id -> found.append(id).append(' '));
      }
    }
    assertThat(found).hasToString(end + " " + all + end + " ");
    assertThat(pieces).noneMatch(piece -> piece.<Long>getAs("document") == 6);
    assertThat(pieces.stream().filter(piece -> piece.<Long>getAs("document") == 7)).hasSize(1);
    assertThat(TokenizerDescription.specialTokens(bpe.json()))
        .containsExactly(entry(Marks.END_OF_TEXT, 0));
  }
}
