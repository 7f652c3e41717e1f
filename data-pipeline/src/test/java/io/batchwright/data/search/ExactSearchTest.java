package io.batchwright.data.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.RandomStream;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExactSearchTest {
  private static final int DIMS = 24;

  /** Small integers: products are exact and ties are many. */
  static float[][] integers(String purpose, int count) {
    RandomStream random = RandomStream.of(7, purpose, 0, 0);
    float[][] vectors = new float[count][DIMS];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIMS; d++) {
        vectors[i][d] = random.belowAt((long) i * DIMS + d, 3) - 1;
      }
    }
    return vectors;
  }

  static float[][] reals(String purpose, int count) {
    RandomStream random = RandomStream.of(8, purpose, 0, 0);
    float[][] vectors = new float[count][DIMS];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIMS; d++) {
        vectors[i][d] = (float) random.gaussianAt((long) i * DIMS + d);
      }
    }
    return vectors;
  }

  static double score(float[] a, float[] b, Similarity similarity) {
    double product = 0;
    double ofA = 0;
    double ofB = 0;
    for (int d = 0; d < a.length; d++) {
      product += (double) a[d] * b[d];
      ofA += (double) a[d] * a[d];
      ofB += (double) b[d] * b[d];
    }
    if (similarity == Similarity.INNER_PRODUCT) {
      return product;
    }
    return ofA * ofB == 0 ? 0 : product / Math.sqrt(ofA * ofB);
  }

  static int[] fullSort(float[] query, float[][] documents, Similarity similarity, int k) {
    return IntStream.range(0, documents.length)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(d -> -score(query, documents[d], similarity))
                .thenComparing(Comparator.naturalOrder()))
        .limit(k)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"java,1,1", "java,7,50", "auto,5,64", "auto,1024,4096"})
  void tiesGoToTheSmallerOrdinalWhateverTheTiles(String name, int queryTile, int documentTile) {
    float[][] queries = integers("queries", 23);
    float[][] documents = integers("documents", 301);
    try (Backend backend = Backends.select(name)) {
      TopK.Best[] found =
          new ExactSearch(queryTile, documentTile, false)
              .search(
                  backend,
                  VectorRows.of(queries),
                  VectorRows.of(documents),
                  Similarity.INNER_PRODUCT,
                  20);
      for (int q = 0; q < queries.length; q++) {
        assertThat(found[q].documents())
            .containsExactly(fullSort(queries[q], documents, Similarity.INNER_PRODUCT, 20));
        for (int i = 0; i < 20; i++) {
          assertThat(found[q].scores()[i])
              .isEqualTo(
                  (float)
                      score(
                          queries[q],
                          documents[found[q].documents()[i]],
                          Similarity.INNER_PRODUCT));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  void recallIsOneOnRealNumbers(Similarity similarity) {
    float[][] queries = reals("queries", 50);
    float[][] documents = reals("documents", 2_000);
    try (Backend backend = Backends.select("auto")) {
      TopK.Best[] found =
          new ExactSearch(16, 256, true)
              .search(backend, VectorRows.of(queries), VectorRows.of(documents), similarity, 100);
      for (int q = 0; q < queries.length; q++) {
        int[] expected = fullSort(queries[q], documents, similarity, 100);
        assertThat(found[q].documents()).containsExactlyInAnyOrder(expected);
        assertThat((double) found[q].scores()[0])
            .isCloseTo(score(queries[q], documents[expected[0]], similarity), within(1e-5));
      }
    }
  }

  /** Of these dims two tiles of queries are kept, and there are three. */
  @Test
  void moreQueriesThanAreKeptFindTheirsAllTheSame() {
    int dims = 1 << 16;
    float[][] documents = new float[70][dims];
    for (int d = 0; d < documents.length; d++) {
      documents[d][d * 900] = 2;
    }
    float[][] queries = new float[300][dims];
    for (int q = 0; q < queries.length; q++) {
      queries[q][q % documents.length * 900] = 1;
    }
    try (Backend backend = Backends.select("auto")) {
      TopK.Best[] found =
          new ExactSearch(1024, 64, false)
              .search(
                  backend,
                  VectorRows.of(queries),
                  VectorRows.of(documents),
                  Similarity.INNER_PRODUCT,
                  1);
      for (int q = 0; q < queries.length; q++) {
        assertThat(found[q].documents()).containsExactly(q % documents.length);
        assertThat(found[q].scores()).containsExactly(2);
      }
    }
  }

  @Test
  void equalVectorsHaveEqualScoresWhereverTheyStand() {
    float[][] queries = reals("queries", 3);
    float[][] documents = reals("documents", 1_000);
    for (int copy = 0; copy < 1_000; copy += 37) {
      documents[copy] = queries[0].clone();
    }
    try (Backend backend = Backends.select("auto")) {
      TopK.Best best =
          new ExactSearch(3, 64, false)
              .search(
                  backend, VectorRows.of(queries), VectorRows.of(documents), Similarity.COSINE, 10)[
              0];
      assertThat(best.documents()).containsExactly(0, 37, 74, 111, 148, 185, 222, 259, 296, 333);
    }
  }

  @Test
  void theCosineOfVectorsNearZeroIsTheirAnglesAll() {
    float[][] documents = {{0, 1e-42f}, {3e-42f, 0}, {1e30f, 0}, {0, 0}};
    try (Backend backend = Backends.select("auto")) {
      TopK.Best best =
          ExactSearch.DEFAULTS
              .search(
                  backend,
                  VectorRows.of(new float[][] {{2e-40f, 0}}),
                  VectorRows.of(documents),
                  Similarity.COSINE,
                  4)[0];
      assertThat(best.documents()).containsExactly(1, 2, 0, 3);
      assertThat(best.scores()).containsExactly(new float[] {1, 1, 0, 0}, within(1e-3f));
    }
  }

  @Test
  void aSmallCorpusIsReturnedWholeAndAnEmptyOneNotAtAll() {
    try (Backend backend = Backends.select("java")) {
      VectorRows queries = VectorRows.of(integers("queries", 2));
      ExactSearch search = ExactSearch.DEFAULTS;
      assertThat(
              search
                  .search(
                      backend,
                      queries,
                      VectorRows.of(integers("documents", 5)),
                      Similarity.COSINE,
                      10)[1]
                  .documents())
          .hasSize(5);
      assertThat(
              search
                  .search(backend, queries, VectorRows.of(new float[0][]), Similarity.COSINE, 10)[1]
                  .documents())
          .isEmpty();
      assertThat(
              search.search(
                  backend,
                  VectorRows.of(new float[0][]),
                  VectorRows.of(integers("documents", 5)),
                  Similarity.COSINE,
                  10))
          .isEmpty();
    }
  }

  @Test
  void aVectorOfZerosIsAsFarFromAllAsCanBeWithoutAnAngle() {
    try (Backend backend = Backends.select("java")) {
      TopK.Best best =
          ExactSearch.DEFAULTS
              .search(
                  backend,
                  VectorRows.of(new float[][] {{1, 2}}),
                  VectorRows.of(new float[][] {{-1, 0}, {0, 0}, {3, 0}}),
                  Similarity.COSINE,
                  3)[0];
      assertThat(best.documents()).containsExactly(2, 1, 0);
      assertThat(best.scores()[1]).isZero();
    }
  }

  @Test
  void badVectorsAreNamed() {
    try (Backend backend = Backends.select("java")) {
      VectorRows one = VectorRows.of(new float[][] {{1, 2}});
      assertThatThrownBy(
              () ->
                  ExactSearch.DEFAULTS.search(
                      backend,
                      one,
                      VectorRows.of(new float[][] {{1, 2}, {1, Float.NaN}}),
                      Similarity.COSINE,
                      1))
          .hasMessage("the vector of document 1 holds a number that is not finite");
      assertThatThrownBy(
              () ->
                  ExactSearch.DEFAULTS.search(
                      backend, one, VectorRows.of(new float[][] {{1, 2, 3}}), Similarity.COSINE, 1))
          .hasMessage("queries have 2 dims and documents 3");
      assertThatThrownBy(
              () ->
                  ExactSearch.DEFAULTS.search(
                      backend,
                      one,
                      VectorRows.of(new float[][] {{1, 2}, {1}}),
                      Similarity.COSINE,
                      1))
          .hasMessage("vectors have 2 and 1 dims");
      assertThatThrownBy(() -> ExactSearch.DEFAULTS.search(backend, one, one, Similarity.COSINE, 0))
          .hasMessage("ExactSearch.k must be at least 1, got 0");
    }
  }
}
