package io.batchwright.jobs.bench.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.jobs.bench.dedup.PlantedSet.Planted;
import io.batchwright.jobs.bench.dedup.PlantedSet.PlantedPair;
import io.batchwright.jobs.bench.dedup.PlantedSet.Sizes;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PlantedSetTest {
  private static final Sizes SIZES = new Sizes(3, 1, 20, 100_000);

  private static PlantedSet set;
  private static Map<String, String> texts;
  private static List<ExactTruth.Pair> truth;

  @BeforeAll
  static void plant() throws IOException {
    set = Planting.of(OwnSources.texts(), SIZES, 1);
    texts = new HashMap<>();
    set.documents().forEach(document -> texts.put(document.id(), document.text()));
    truth = ExactTruth.pairs(set.documents().stream().map(Planted::text).toList(), 0.1);
  }

  @Test
  void plantedPairsHaveTheSimilarityTheyClaim() {
    assertThat(set.pairs()).hasSize(27);
    for (PlantedPair pair : set.pairs()) {
      String a = set.documents().get(pair.a()).text();
      String b = set.documents().get(pair.b()).text();
      assertThat(jaccard(a, b)).isEqualTo(pair.jaccard());
      assertThat(pair.jaccard()).isBetween(pair.target(), pair.target() + 0.01);
      assertThat(a).isNotEqualTo(b);
    }
  }

  @Test
  void plantedPairsTouchNoOtherDocument() {
    long touching =
        truth.stream()
            .filter(pair -> kind(pair.a()).equals("pair") || kind(pair.b()).equals("pair"))
            .filter(pair -> pair.b() != pair.a() + 1)
            .count();
    assertThat(touching).isZero();
  }

  @Test
  void aChainHoldsLinkByLinkOnly() {
    assertThat(jaccard("chain/0/A", "chain/0/B")).isGreaterThanOrEqualTo(0.85);
    assertThat(jaccard("chain/0/B", "chain/0/C")).isGreaterThanOrEqualTo(0.85);
    assertThat(jaccard("chain/0/A", "chain/0/C")).isLessThan(0.8);
  }

  @Test
  void templatesAreAlikeButNoDuplicates() {
    for (ExactTruth.Pair pair : truth) {
      if (kind(pair.a()).equals("template") && kind(pair.b()).equals("template")) {
        assertThat(pair.jaccard()).isBetween(0.3, 0.6);
      }
    }
    assertThat(jaccard("template/0/0", "template/0/9")).isBetween(0.3, 0.6);
  }

  @Test
  void theAdversariesAreThere() {
    assertThat(jaccard("containment/0/text", "containment/0/prefix")).isBetween(0.4, 0.6);
    assertThat(jaccard("script/0/ar-text", "script/0/ar-copy")).isBetween(0.8, 0.99);
    assertThat(jaccard("script/0/ja-text", "script/0/ja-other")).isLessThan(0.5);
    assertThat(texts.get("script/0/zh-text")).matches("(?s).*\\p{IsHan}{2}.*");
    assertThat(jaccard("short/two-words", "short/two-words-again")).isEqualTo(1);
    assertThat(jaccard("short/symbols", "short/other-symbols")).isZero();
    assertThat(texts.get("empty/nothing")).isEmpty();
    assertThat(texts.get("long/text").length()).isGreaterThanOrEqualTo(100_000);
    assertThat(jaccard("hot/0", "hot/19")).isGreaterThan(0.95);
  }

  @Test
  void theSameSeedPlantsTheSame() throws IOException {
    assertThat(Planting.of(OwnSources.texts(), SIZES, 1)).isEqualTo(set);
    assertThat(Planting.of(OwnSources.texts(), SIZES, 2)).isNotEqualTo(set);
  }

  @Test
  void tooFewTextsAreNamed() throws IOException {
    List<String> few = OwnSources.texts().subList(0, 30);
    assertThatThrownBy(() -> Planting.of(few, SIZES, 1))
        .hasMessageStartingWith("The planted set needs 77 texts");
  }

  @Test
  void whatAnExactSearchRemovesIsJudgedPerfect() {
    int[] survivors = AnchoredTruth.survivors(set.documents(), truth, 0.8);
    PlantedQuality quality = PlantedQuality.of(set.documents(), truth, survivors, 0.8);
    assertThat(quality.precision()).isEqualTo(1);
    assertThat(quality.wronglyRemoved()).isZero();
    assertThat(quality.missed()).isZero();
    assertThat(quality.agreement()).isEqualTo(new BCubed(1, 1));
    assertThat(quality.kinds().get("hot").expected()).isEqualTo(19);
    assertThat(quality.kinds().get("template").expected()).isZero();

    int chained = index("chain/0/C");
    survivors[chained] = index("chain/0/A");
    quality = PlantedQuality.of(set.documents(), truth, survivors, 0.8);
    assertThat(quality.precision()).isLessThan(1);
  }

  private static int index(String id) {
    return set.documents().stream().map(Planted::id).toList().indexOf(id);
  }

  private static String kind(int document) {
    return set.documents().get(document).kind();
  }

  private static double jaccard(String a, String b) {
    return PlainShingles.jaccard(
        PlainShingles.of(texts.getOrDefault(a, a)), PlainShingles.of(texts.getOrDefault(b, b)));
  }
}
