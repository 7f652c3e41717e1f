package io.batchwright.data.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BalancedTwoMeansTest {
  /** {@code count} vectors around {@code topics} random directions, interleaved. */
  private static float[][] topics(int count, int topics, int dims, double noise) {
    RandomStream random = RandomStream.of(5, "topics", 0, 0);
    float[][] vectors = new float[count][dims];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < dims; d++) {
        double center = random.gaussianAt((long) (i % topics) * dims + d);
        vectors[i][d] = (float) (center + noise * random.gaussianAt(1_000_000L + i * dims + d));
      }
    }
    return vectors;
  }

  @ParameterizedTest
  @CsvSource({"1000,16", "1000,10", "37,8", "8,8", "5,8", "1,4", "2,2"})
  void everyVectorIsInOneClusterAndSizesDifferByLittle(int count, int wanted) {
    Clusters clusters = BalancedTwoMeans.PAPER.cluster(topics(count, 7, 12, 1), wanted, 1, 0);
    int nominal = (count + wanted - 1) / wanted;
    assertThat(clusters.count()).isEqualTo(Math.min(count, Integer.highestOneBit(2 * wanted - 1)));
    assertThat(clusters.members()).hasSize(count).doesNotHaveDuplicates();
    assertThat(clusters.largest() - clusters.smallest()).isLessThanOrEqualTo(1);
    assertThat(clusters.largest()).isLessThanOrEqualTo(nominal);
  }

  @Test
  void aCutIsExactlyInTheMiddle() {
    Clusters clusters = BalancedTwoMeans.PAPER.cluster(topics(101, 3, 8, 1), 2, 1, 0);
    assertThat(clusters.of(0)).hasSize(51);
    assertThat(clusters.of(1)).hasSize(50);
  }

  @Test
  void topicsAreFoundWhereTheyAreAsManyAsClustersAndEqual() {
    int topics = 2;
    Clusters clusters = BalancedTwoMeans.PAPER.cluster(topics(400, topics, 16, 0.1), topics, 3, 0);
    for (int cluster = 0; cluster < topics; cluster++) {
      assertThat(Arrays.stream(clusters.of(cluster)).map(i -> i % topics).distinct().count())
          .isEqualTo(1);
    }
  }

  @Test
  void membersAreMoreAlikeThanChance() {
    float[][] vectors = topics(2_000, 50, 16, 0.5);
    Clusters clusters = BalancedTwoMeans.PAPER.cluster(vectors, 64, 3, 0);
    long together = 0;
    long pairs = 0;
    for (int cluster = 0; cluster < clusters.count(); cluster++) {
      int[] members = clusters.of(cluster);
      for (int a : members) {
        for (int b : members) {
          pairs += a < b ? 1 : 0;
          together += a < b && a % 50 == b % 50 ? 1 : 0;
        }
      }
    }
    assertThat((double) together / pairs).isGreaterThan(0.3); // chance: 0.02
  }

  @Test
  void theSameKeyGivesTheSameClustersAndAnotherRoundOthers() {
    float[][] vectors = topics(30_000, 11, 6, 1); // large enough to be computed in parallel
    Clusters first = BalancedTwoMeans.PAPER.cluster(vectors, 16, 9, 0);
    assertThat(BalancedTwoMeans.PAPER.cluster(vectors, 16, 9, 0).members())
        .isEqualTo(first.members());
    assertThat(BalancedTwoMeans.PAPER.cluster(vectors, 16, 9, 1).members())
        .isNotEqualTo(first.members());
  }

  @Test
  void equalVectorsAreStillCutInHalves() {
    float[][] vectors = new float[64][];
    Arrays.setAll(vectors, i -> new float[] {1, 2});
    Clusters clusters = BalancedTwoMeans.PAPER.cluster(vectors, 8, 1, 0);
    assertThat(clusters.smallest()).isEqualTo(8);
    assertThat(clusters.largest()).isEqualTo(8);
    Set<Integer> all = new HashSet<>();
    IntStream.of(clusters.members()).forEach(all::add);
    assertThat(all).hasSize(64);
  }

  @Test
  void theNumberOfClustersIsRoundedUpToAPowerOfTwo() {
    // LF-AmazonTitles-131K of the paper: nominal 512 is really 288.
    assertThat(BalancedTwoMeans.clustersFor(294_805, 512)).isEqualTo(1_024);
    assertThat(294_805.0 / 1_024).isBetween(287.0, 288.0);
    assertThat(BalancedTwoMeans.clustersFor(294_805, 1)).isEqualTo(294_805);
    assertThat(BalancedTwoMeans.clustersFor(100, 1_000)).isEqualTo(1);
  }

  @Test
  void badVectorsAreNamed() {
    assertThatThrownBy(
            () -> BalancedTwoMeans.PAPER.cluster(new float[][] {{1, 2}, {1, Float.NaN}}, 2, 1, 0))
        .hasMessage("vector 1 holds a number that is not finite");
    assertThatThrownBy(() -> BalancedTwoMeans.PAPER.cluster(new float[][] {{1, 2}, {1}}, 2, 1, 0))
        .hasMessage("vectors have 2 and 1 dims");
    assertThat(BalancedTwoMeans.PAPER.cluster(new float[0][], 4, 1, 0).count()).isZero();
    assertThat(
            BalancedTwoMeans.PAPER.cluster(new float[][] {{0, 0}, {0, 0}, {1, 0}}, 2, 1, 0).count())
        .isEqualTo(2);
  }
}
