package io.batchwright.jobs.javadoc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DescriptionTest {
  @Test
  void inlineTagsGiveTheirTextAndHtmlGoes() {
    assertThat(
            first(
                "Calls {@code Map<K, V>} of {@link java.util.Map#get(Object) the map}, or {@link"
                    + " #size()}."))
        .isEqualTo("Calls Map<K, V> of the map, or size.");
    assertThat(
            first(
                "See {@link java.util.Map.Entry#getKey(A, B)} &lt;b&gt; &#65; <b>bold</b> {@literal"
                    + " a < b}."))
        .isEqualTo("See Map.Entry.getKey <b> A bold a < b.");
    assertThat(first("{@return the {@code size} in bytes}"))
        .isEqualTo("Returns the size in bytes.");
    assertThat(first("An unclosed {@code tag")).isEqualTo("An unclosed tag");
  }

  @Test
  void sentencesEndAtStopsAndParagraphsButNotAtAbbreviations() {
    assertThat(first("One, e.g. this one. Two!\n * Three.")).isEqualTo("One, e.g. this one. Two!");
    assertThat(first("No stop here\n * <p>\n * Next paragraph. And more."))
        .isEqualTo("No stop here Next paragraph.");
    assertThat(first("Example: <pre>{@code\n * foo();\n * }</pre> done."))
        .isEqualTo("Example: done.");
    assertThat(first("Version 1.5 of java.util is old."))
        .isEqualTo("Version 1.5 of java.util is old.");
  }

  @Test
  void blockTagsEndTheDescription() {
    assertThat(first("@return the value")).isEmpty();
    assertThat(first("Sends it.\n * @param it what is sent")).isEqualTo("Sends it.");
    assertThat(first("Mail me@example.org.")).isEqualTo("Mail me@example.org.");
    assertThat(Description.inherited("/** {@inheritDoc} */")).isTrue();
  }

  @Test
  void aLongSentenceEndsAtAWord() {
    assertThat(Description.firstSentences("/** " + "word ".repeat(100) + "*/", 2, 50))
        .isEqualTo("word ".repeat(10).strip());
  }

  @Test
  void whatSaysNothingIsUninformative() {
    assertThat(Informative.test("Returns the value.", 2)).isFalse();
    assertThat(Informative.test("Gets the buffer size.", 2)).isFalse();
    assertThat(Informative.test("Creates a new instance of this class.", 2)).isFalse();
    assertThat(Informative.test("Reverses the array.", 2)).isTrue();
    assertThat(Informative.test("Returns the sum of all weights.", 2)).isFalse();
    assertThat(Informative.test("Returns the sum of all edge weights.", 2)).isTrue();
    assertThat(Informative.foreign("\u8fd4\u56de\u6570\u7ec4\u7684\u5927\u5c0f size")).isTrue();
    assertThat(Informative.foreign("Computes \u03c0 to n digits.")).isFalse();
  }

  private static String first(String body) {
    return Description.firstSentences("/**\n * " + body + "\n */", 2, 300);
  }
}
