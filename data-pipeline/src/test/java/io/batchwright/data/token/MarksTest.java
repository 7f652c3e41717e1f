package io.batchwright.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.batchwright.data.TestSpark;
import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
        .withMessage("pieces have 3 tokens at least, not 2");
  }

  @Test
  void piecesOfADecoderHaveThemWhereTheDocumentBeginsAndEnds() {
    assertThat(Marks.AROUND_DOCUMENTS.pieces(TOKENS, CLS_SEP, 4))
        .containsExactly(new int[] {8, 1, 2, 3}, new int[] {3, 4, 5, 9});
    assertThat(Marks.AROUND_DOCUMENTS.pieces(TOKENS, SpecialTokens.NONE, 4))
        .containsExactly(new int[] {1, 2, 3, 4}, new int[] {4, 5});
    assertThat(Marks.AROUND_DOCUMENTS.pieces(new int[0], CLS_SEP, 4)).isEmpty();
  }

  @Test
  void eachTokenButTheFirstFollowsAnotherInExactlyOnePieceOfADecoder() {
    for (int most = 2; most < 9; most++) {
      for (int length = 2; length < 40; length++) {
        List<int[]> pieces =
            Marks.AROUND_DOCUMENTS.pieces(
                IntStream.range(0, length).toArray(), SpecialTokens.NONE, most);
        List<Integer> following = new ArrayList<>();
        for (int[] piece : pieces) {
          assertThat(piece).hasSizeBetween(2, most);
          assertThat(piece[1]).isEqualTo(piece[0] + 1);
          IntStream.of(piece).skip(1).forEach(following::add);
        }
        assertThat(following)
            .as("%d tokens in pieces of %d", length, most)
            .containsExactlyElementsOf(IntStream.range(1, length).boxed().toList());
      }
    }
  }

  /** All that the second one does not know is one token, too. */
  @Test
  void aTokenizerWithoutAMarkForTheEndOfTextsGivesNone() {
    String json =
        """
        {"added_tokens": [{"id": 0, "content": "%s", "single_word": false, "lstrip": false,
          "rstrip": false, "normalized": false, "special": true}],
         "model": {"type": "WordLevel", "vocab": {"%1$s": 0, "a": 1}, "unk_token": "%1$s"}}
        """;
    assertThat(Marks.AROUND_DOCUMENTS.of(json.formatted(Marks.END_OF_TEXT)))
        .isEqualTo(new SpecialTokens(List.of(0), List.of(0)));
    String unknown = json.formatted("[UNK]");
    try (Tokenizer tokenizer = Tokenizer.load(unknown)) {
      assertThat(tokenizer.encode(Marks.END_OF_TEXT)).containsExactly(0);
    }
    assertThat(Marks.AROUND_DOCUMENTS.of(unknown)).isEqualTo(SpecialTokens.NONE);
  }

  @Test
  void tooFewTokensAreToldBeforeAnythingRuns() {
    Dataset<Row> texts =
        TestSpark.session()
            .createDataset(List.of("one two three"), Encoders.STRING())
            .selectExpr("value as text", "1L as text_id");
    TrainedTokenizer pieces = new WordPiece(300, 1, 1_000, WordRules.CODE).train(texts);
    String setting = "tokens.tokenize.maxTokens, and what the model reads at most, must be at ";
    for (Marks marks : List.of(Marks.AROUND_TEXTS, Marks.AROUND_PIECES)) {
      assertThatThrownBy(() -> new Tokenize(2).pieces(texts, pieces, marks))
          .isInstanceOf(BatchwrightException.class)
          .hasMessage(setting + "least 3, got 2: 2 special tokens and one of the text.");
    }
    assertThatThrownBy(() -> new Tokenize(1).pieces(texts, pieces, Marks.AROUND_DOCUMENTS))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage(setting + "least 2, got 1: a token and the one that follows.");
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
        int known = found.isEmpty() ? 0 : 1;
        piece.<Integer>getList(1).stream().skip(known).forEach(id -> found.append(id).append(' '));
      }
    }
    assertThat(found).hasToString(end + " " + all + end + " ");
    assertThat(pieces).noneMatch(piece -> piece.<Long>getAs("document") == 6);
    assertThat(pieces.stream().filter(piece -> piece.<Long>getAs("document") == 7)).hasSize(1);
    assertThat(TokenizerDescription.specialTokens(bpe.json()))
        .containsExactly(entry(Marks.END_OF_TEXT, 0));
  }
}
