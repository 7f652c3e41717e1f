package io.batchwright.jobs.bench.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.bench.dedup.PlantedSet.Planted;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TruthTest {
  @Test
  void allPairsAreThoseOfABruteForce() throws IOException {
    List<String> texts = OwnSources.texts().subList(0, 60);
    List<ExactTruth.Pair> pairs = ExactTruth.pairs(texts, 0.01);
    int found = 0;
    for (int a = 0; a < texts.size(); a++) {
      for (int b = a + 1; b < texts.size(); b++) {
        double jaccard =
            PlainShingles.jaccard(PlainShingles.of(texts.get(a)), PlainShingles.of(texts.get(b)));
        if (jaccard >= 0.01) {
          assertThat(pairs).contains(new ExactTruth.Pair(a, b, jaccard));
          found++;
        }
      }
    }
    assertThat(pairs).hasSize(found);
    assertThat(found).isPositive();
  }

  @Test
  void wordsAreCutAsTheyAreDocumented() {
    assertThat(PlainShingles.words("Read_Me: \u6771\u4EAC caf\u00E9's 3.14"))
        .containsExactly("read_me", "\u6771", "\u4EAC", "caf\u00E9", "s", "3", "14");
    assertThat(PlainShingles.of("a b c d e f")).containsExactly("a b c d e", "b c d e f");
    assertThat(PlainShingles.of("A  b!")).containsExactly("a b");
    assertThat(PlainShingles.of(" ")).isEmpty();
  }

  @Test
  void theAnchoredRuleRemovesNothingAlongAChain() {
    List<Planted> documents =
        List.of(new Planted("x/a", "aaaa"), new Planted("x/b", "bbb"), new Planted("x/c", "cc"));
    List<ExactTruth.Pair> chain =
        List.of(new ExactTruth.Pair(0, 1, 0.9), new ExactTruth.Pair(1, 2, 0.9));
    assertThat(AnchoredTruth.survivors(documents, chain, 0.8)).containsExactly(0, 0, 2);
    assertThat(AnchoredTruth.survivors(documents, chain, 0.95)).containsExactly(0, 1, 2);
  }

  @Test
  void permutedWordsKeepLengthsCapitalsAndRepetitions() throws IOException {
    List<String> texts = OwnSources.texts().subList(0, 40);
    List<String> vocabulary =
        texts.stream()
            .flatMap(text -> List.of(text.toLowerCase(Locale.ROOT).split("[^a-z]+")).stream())
            .filter(word -> !word.isEmpty())
            .distinct()
            .collect(Collectors.toList());
    PermutedVocabulary permuted = new PermutedVocabulary(vocabulary, 1);
    int[] image = permuted.copy(3);
    assertThat(image).doesNotHaveDuplicates().hasSize(vocabulary.size());
    String text = texts.get(20);
    String copy = permuted.translate(text, image);
    assertThat(copy).hasSameSizeAs(text).isNotEqualTo(text);
    assertThat(copy.replaceAll("[a-z]", "a").replaceAll("[A-Z]", "A"))
        .isEqualTo(text.replaceAll("[a-z]", "a").replaceAll("[A-Z]", "A"));
    assertThat(PlainShingles.of(copy)).hasSameSizeAs(PlainShingles.of(text));
    assertThat(PlainShingles.jaccard(PlainShingles.of(copy), PlainShingles.of(text)))
        .isLessThan(0.02);
  }
}
