package io.batchwright.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenDifferenceTest {
  @Test
  void onlyWhatDiffersIsMarked() {
    TokenDifference.Marked marked =
        TokenDifference.mark("int size() { return 1; }", "long size() { return 1; }");
    assertThat(marked.left()).isEqualTo("<mark>int</mark> size() { return 1; }");
    assertThat(marked.right()).isEqualTo("<mark>long</mark> size() { return 1; }");
  }

  @Test
  void equalTextsHaveNoMarks() {
    assertThat(TokenDifference.mark("a < b", "a < b").left()).isEqualTo("a &lt; b");
  }

  @Test
  void longTextsAreCut() {
    String words = "word ".repeat(TokenDifference.MAXIMUM_TOKENS);
    assertThat(TokenDifference.mark(words, words).left().length()).isLessThan(words.length());
  }
}
