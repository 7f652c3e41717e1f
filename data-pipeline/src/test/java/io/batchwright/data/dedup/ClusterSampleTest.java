package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ClusterSampleTest {
  private static final ClusterSample TENTH =
      new ClusterSample(new Shingles(ShingleUnit.WORDS, 3), 0.1, 7);

  @Test
  void theShareIsDrawnAndCopiesComeTogether() {
    ShingleHasher hasher = TENTH.shingles().hasher();
    int drawn = 0;
    int both = 0;
    double similarity = 0;
    int texts = 4000;
    for (int i = 0; i < texts; i++) {
      String text = DedupSpark.words(i, 40);
      String near = DedupSpark.edited(text, 20, "edited");
      similarity += Shingles.jaccard(TENTH.shingles().of(text), TENTH.shingles().of(near)) / texts;
      long unit = TENTH.unit(hasher, text);
      assertThat(TENTH.unit(hasher, "  " + text.replace(" ", "\n "))).isEqualTo(unit);
      drawn += TENTH.draws(unit) ? 1 : 0;
      both += TENTH.draws(unit) && TENTH.draws(TENTH.unit(hasher, near)) ? 1 : 0;
    }
    // Four standard deviations of a binomial.
    assertThat((double) drawn / texts).isBetween(0.1 - 0.019, 0.1 + 0.019);
    double expected = similarity + (1 - similarity) * 0.1;
    double deviation = Math.sqrt(expected * (1 - expected) / drawn);
    assertThat((double) both / drawn).isBetween(expected - 4 * deviation, expected + 4 * deviation);
  }

  @Test
  void textsWithoutShinglesAreDrawnByThemselves() {
    ShingleHasher hasher = TENTH.shingles().hasher();
    assertThat(TENTH.unit(hasher, "!!")).isEqualTo(TENTH.unit(hasher, " !! "));
    assertThat(TENTH.unit(hasher, "!!")).isNotEqualTo(TENTH.unit(hasher, "??"));
    assertThatThrownBy(() -> new ClusterSample(TENTH.shingles(), 0, 1))
        .hasMessageContaining("ClusterSample.share");
  }
}
