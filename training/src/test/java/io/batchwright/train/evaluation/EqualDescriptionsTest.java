package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EqualDescriptionsTest {
  @Test
  void caseMarkupAndSpacingDoNotMatter() {
    assertThat(EqualDescriptions.normalize("  Returns the {@code Index},\n if any. "))
        .isEqualTo("returns the code index if any");
    assertThat(EqualDescriptions.normalize("e\u0301cole")).isEqualTo("\u00e9cole");
  }

  @Test
  void everyDocumentWithTheQueryAsItsDescriptionIsRelevant() {
    Qrels qrels =
        EqualDescriptions.judge(
            Ids.of(List.of("q1", "q2", "q3")),
            List.of("Reverses the array.", "Nothing says this", "..."),
            Ids.of(List.of("a", "b", "c", "d")),
            Arrays.asList("reverses the array", "Reverses  THE array!", null, "Sorts the array"));

    assertThat(qrels.judged(0)).containsExactly(0, 1);
    assertThat(qrels.relevant(1)).isZero();
    assertThat(qrels.relevant(2)).isZero();
  }
}
