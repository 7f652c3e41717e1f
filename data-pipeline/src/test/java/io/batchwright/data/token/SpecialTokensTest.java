package io.batchwright.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpecialTokensTest {
  private static final String ADDED =
      """
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[
        {"id":5,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":6,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
       "normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"}]},
       "pre_tokenizer":{"type":"Whitespace"},"post_processor":%s,"decoder":null,
       "model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"b":1,"c":2}}}
      """;
  private static final String CLS_SEP =
      """
      {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},
         {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},
         {"SpecialToken":{"id":"[SEP]","type_id":0}}],"pair":[],
       "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[5],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[6],"tokens":["[SEP]"]}}}
      """;

  @Test
  void theyAreWhatThePostProcessorAdds() {
    try (Tokenizer tokenizer = Tokenizer.load(ADDED.formatted(CLS_SEP))) {
      assertThat(tokenizer.specialTokens()).isEqualTo(new SpecialTokens(List.of(5), List.of(6, 6)));
      assertThat(tokenizer.encode("B c")).containsExactly(1, 2);
    }
    try (Tokenizer tokenizer = Tokenizer.load(ADDED.formatted("null"))) {
      assertThat(tokenizer.specialTokens()).isEqualTo(SpecialTokens.NONE);
    }
  }

  @Test
  void aTextThatIsTooLongLosesItsEndAndNotTheSpecialTokens() {
    SpecialTokens special = new SpecialTokens(List.of(5), List.of(6, 7));
    int[] tokens = {1, 2, 3};
    assertThat(special.around(tokens, 6)).containsExactly(5, 1, 2, 3, 6, 7);
    assertThat(special.around(tokens, 5)).containsExactly(5, 1, 2, 6, 7);
    assertThat(special.around(tokens, 3)).containsExactly(5, 6, 7);
    assertThat(special.around(new int[0], 100)).isEmpty();
    assertThat(SpecialTokens.NONE.around(tokens, 2)).containsExactly(1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> special.around(tokens, 2))
        .withMessage("2 tokens have no room for the 3 special ones");
  }

  @Test
  void aDescriptionNamesVocabularyAndCase() {
    assertThat(TokenizerDescription.of(ADDED.formatted(CLS_SEP)))
        .isEqualTo(new TokenizerDescription("WordLevel", 6, true));
    assertThat(
            TokenizerDescription.of(
                "{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"a\",0],[\"b\",-1]]}}"))
        .isEqualTo(new TokenizerDescription("Unigram", 1, false));
  }
}
