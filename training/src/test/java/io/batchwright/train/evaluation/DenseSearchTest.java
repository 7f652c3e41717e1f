package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.RandomStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DenseSearchTest {
  private static final int QUERIES = 23;
  private static final int DOCUMENTS = 301;
  private static final int DIMS = 16;

  /** Vectors of small integers: their products are exact, so the oracle's ties are the search's. */
  @ParameterizedTest
  @CsvSource({"java,1,1", "java,7,50", "java,100,1000", "auto,7,50", "auto,1024,4096"})
  void theBestAreThoseOfAFullSortWhateverTheTiles(
      String backendName, int queryTile, int documentTile) {
    float[][] queries = vectors("queries", QUERIES);
    float[][] documents = vectors("documents", DOCUMENTS);
    try (Backend backend = Backends.select(backendName)) {
      Rankings found =
          new DenseSearch(queryTile, documentTile)
              .search(
                  backend,
                  ids("q", QUERIES),
                  queries,
                  ids("d", DOCUMENTS),
                  (from, to) -> Arrays.copyOfRange(documents, from, to),
                  20);

      for (int q = 0; q < QUERIES; q++) {
        float[] scores = scores(queries[q], documents);
        int[] expected =
            IntStream.range(0, DOCUMENTS)
                .boxed()
                .sorted(
                    Comparator.<Integer>comparingDouble(d -> -scores[d])
                        .thenComparing(Comparator.naturalOrder()))
                .limit(20)
                .mapToInt(Integer::intValue)
                .toArray();
        for (int rank = 0; rank < 20; rank++) {
          assertThat(found.document(q, rank)).isEqualTo(expected[rank]);
          assertThat(found.score(q, rank)).isEqualTo(scores[expected[rank]]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void aSmallCorpusIsReturnedWhole(int count) {
    float[][] documents = vectors("documents", count);
    try (Backend backend = Backends.select("java")) {
      Rankings found =
          DenseSearch.DEFAULTS.search(
              backend,
              ids("q", 2),
              vectors("queries", 2),
              ids("d", count),
              (from, to) -> Arrays.copyOfRange(documents, from, to),
              10);
      assertThat(found.length(0)).isEqualTo(count);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = "java")
  void vectorsOfOtherLengthAreRefused(String backendName) {
    try (Backend backend = Backends.select(backendName)) {
      assertThatThrownBy(
              () ->
                  DenseSearch.DEFAULTS.search(
                      backend,
                      ids("q", 1),
                      new float[][] {{1, 2}},
                      ids("d", 1),
                      (from, to) -> new float[][] {{1, 2, 3}},
                      1))
          .hasMessage("vectors have 2 and 3 dims");
    }
  }

  private static float[] scores(float[] query, float[][] documents) {
    float[] scores = new float[documents.length];
    for (int d = 0; d < documents.length; d++) {
      for (int i = 0; i < query.length; i++) {
        scores[d] += query[i] * documents[d][i];
      }
    }
    return scores;
  }

  private static float[][] vectors(String purpose, int count) {
    RandomStream random = RandomStream.of(7, purpose, 0, 0);
    float[][] vectors = new float[count][DIMS];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < DIMS; j++) {
        vectors[i][j] = random.belowAt((long) i * DIMS + j, 3) - 1;
      }
    }
    return vectors;
  }

  private static Ids ids(String prefix, int count) {
    return Ids.of(IntStream.range(0, count).mapToObj(i -> prefix + i).toList());
  }
}
