package io.batchwright.data.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.TestSpark;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KMeansTest {
  private static final int DIMS = 12;
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = TestSpark.session();
  }

  private static Dataset<Row> rows(float[][] vectors, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      rows.add(RowFactory.create((long) i, vectors[i]));
    }
    return spark.createDataFrame(rows, SCHEMA).repartition(partitions);
  }

  /** Vector i is around the topic i mod {@code topics}. */
  private static float[][] around(int count, int topics, double spread) {
    RandomStream random = RandomStream.of(11, "k-means", 0, 0);
    float[][] vectors = new float[count][DIMS];
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < DIMS; d++) {
        double centre = random.gaussianAt(1_000_000L + (long) (i % topics) * DIMS + d);
        vectors[i][d] = (float) (centre + spread * random.gaussianAt((long) i * DIMS + d));
      }
    }
    return vectors;
  }

  private static int[] assigned(KMeans kMeans, Dataset<Row> rows, float[][] centres) {
    return kMeans
        .assigned(rows, "embedding", centres, "cluster")
        .orderBy("id")
        .select("cluster")
        .collectAsList()
        .stream()
        .mapToInt(row -> row.getInt(0))
        .toArray();
  }

  private static double cost(float[][] vectors, float[][] centres, int[] of) {
    return IntStream.range(0, vectors.length)
        .mapToDouble(i -> KMeansPlusPlus.squaredDistance(vectors[i], centres[of[i]]))
        .sum();
  }

  @Test
  void topicsFarApartAreFoundWithTheirMeans() {
    float[][] vectors = around(600, 6, 0.05);
    KMeans kMeans = new KMeans(6, 20, false, 3);
    float[][] centres = kMeans.centres(rows(vectors, 3), "id", "embedding");
    int[] of = assigned(kMeans, rows(vectors, 3), centres);
    assertThat(Arrays.stream(of).distinct().count()).isEqualTo(6);
    for (int topic = 0; topic < 6; topic++) {
      double[] mean = new double[DIMS];
      for (int i = topic; i < vectors.length; i += 6) {
        assertThat(of[i]).isEqualTo(of[topic]);
        for (int d = 0; d < DIMS; d++) {
          mean[d] += vectors[i][d] / 100.0;
        }
      }
      for (int d = 0; d < DIMS; d++) {
        assertThat(centres[of[topic]][d]).isCloseTo((float) mean[d], within(1e-6f));
      }
    }
  }

  @Test
  void eachVectorHasTheNearestCentreAndEachCentreTheMean() {
    float[][] vectors = around(3_000, 40, 0.8);
    KMeans kMeans = new KMeans(25, 200, false, 5);
    float[][] centres = kMeans.centres(rows(vectors, 4), "id", "embedding");
    int[] of = assigned(kMeans, rows(vectors, 4), centres);
    for (int i = 0; i < vectors.length; i++) {
      float[] vector = vectors[i];
      double nearest =
          Arrays.stream(centres)
              .mapToDouble(centre -> KMeansPlusPlus.squaredDistance(vector, centre))
              .min()
              .orElseThrow();
      assertThat(KMeansPlusPlus.squaredDistance(vector, centres[of[i]]))
          .isCloseTo(nearest, within(1e-4));
    }
    // Where nothing moves any more, a further round changes nothing.
    ExactSums sums = ExactSums.zero(25, DIMS, vectors.length, 10);
    IntStream.range(0, vectors.length).forEach(i -> sums.add(of[i], vectors[i]));
    float[][] means = sums.means(centres);
    for (int c = 0; c < centres.length; c++) {
      assertThat(KMeansPlusPlus.squaredDistance(means[c], centres[c])).isLessThan(1e-8);
    }
  }

  @Test
  void centresAreTheSameToTheBitForAnyPartitioning() {
    float[][] vectors = around(2_500, 30, 0.9);
    for (boolean cosine : new boolean[] {false, true}) {
      KMeans kMeans = new KMeans(20, 7, cosine, 9);
      float[][] one = kMeans.centres(rows(vectors, 1), "id", "embedding");
      float[][] many = kMeans.centres(rows(vectors, 5), "id", "embedding");
      assertThat(many).isDeepEqualTo(one);
      assertThat(assigned(kMeans, rows(vectors, 5), one))
          .isEqualTo(assigned(kMeans, rows(vectors, 1), one));
      assertThat(new KMeans(20, 7, cosine, 10).centres(rows(vectors, 1), "id", "embedding"))
          .isNotEqualTo(one);
    }
  }

  @Test
  void theStartIsSpreadOut() {
    float[][] vectors = around(2_000, 20, 0.1);
    KMeans kMeans = new KMeans(20, 20, false, 1);
    float[][] centres = kMeans.centres(rows(vectors, 2), "id", "embedding");
    double found = cost(vectors, centres, assigned(kMeans, rows(vectors, 2), centres));
    float[][] random = Arrays.copyOf(around(20, 7, 0.1), 20);
    double bad = cost(vectors, random, assigned(kMeans, rows(vectors, 2), random));
    // 2,000 vectors of 12 dims at a deviation of 0.1 around the right centres: 240.
    assertThat(found).isLessThan(1.5 * 240);
    assertThat(bad).isGreaterThan(10 * 240);
  }

  @Test
  void theAngleIgnoresLengths() {
    float[][] vectors = around(500, 5, 0.3);
    float[][] longer = new float[vectors.length][];
    for (int i = 0; i < longer.length; i++) {
      longer[i] = vectors[i].clone();
      for (int d = 0; d < DIMS; d++) {
        longer[i][d] *= 1 << (i % 7);
      }
    }
    KMeans kMeans = new KMeans(5, 20, true, 2);
    float[][] centres = kMeans.centres(rows(vectors, 2), "id", "embedding");
    assertThat(kMeans.centres(rows(longer, 2), "id", "embedding")).isDeepEqualTo(centres);
    for (float[] centre : centres) {
      double squares = 0;
      for (float value : centre) {
        squares += value * value;
      }
      assertThat(squares).isCloseTo(1, within(1e-6));
    }
    assertThat(assigned(kMeans, rows(longer, 2), centres))
        .isEqualTo(assigned(kMeans, rows(vectors, 2), centres));
  }

  @Test
  void fewDifferentVectorsMakeFewClusters() {
    float[][] vectors = new float[40][];
    Arrays.setAll(vectors, i -> new float[] {i % 3, 1});
    KMeans kMeans = new KMeans(10, 5, false, 1);
    float[][] centres = kMeans.centres(rows(vectors, 2), "id", "embedding");
    assertThat(centres).hasDimensions(3, 2);
    int[] of = assigned(kMeans, rows(vectors, 2), centres);
    for (int i = 3; i < of.length; i++) {
      assertThat(of[i]).isEqualTo(of[i % 3]);
    }
    assertThat(new TreeSet<>(List.of(of[0], of[1], of[2]))).hasSize(3);
    assertThat(kMeans.centres(rows(new float[0][], 1), "id", "embedding")).isEmpty();
  }

  @Test
  void manyClustersStartWithDifferentVectors() {
    float[][] vectors = {{1, 0}, {2, 0}, {1, 0}, {3, 0}, {2, 0}};
    assertThat(KMeansPlusPlus.different(vectors))
        .isDeepEqualTo(new float[][] {{1, 0}, {2, 0}, {3, 0}});
  }

  @Test
  void whatIsNoVectorIsAnError() {
    float[][] vectors = {{1, 2}, {Float.NaN, 1}};
    KMeans kMeans = new KMeans(1, 1, false, 1);
    assertThatThrownBy(() -> kMeans.centres(rows(vectors, 1), "id", "embedding"))
        .hasMessageContaining("not finite");
    float[][] unequal = {{1, 2}, {1, 2, 3}};
    assertThatThrownBy(() -> kMeans.centres(rows(unequal, 1), "id", "embedding"))
        .hasMessageContaining("dims");
  }

  @Test
  void sumsComeOutTheSameInAnyOrder() {
    float[][] vectors = around(500, 500, 3);
    vectors[7][0] = 1e6f;
    vectors[9][0] = -1e6f;
    vectors[11][0] = 1e-7f;
    ExactSums forth = ExactSums.zero(2, DIMS, vectors.length, 1e6);
    ExactSums back = ExactSums.zero(2, DIMS, vectors.length, 1e6);
    ExactSums rest = ExactSums.zero(2, DIMS, vectors.length, 1e6);
    double exact = 0;
    for (int i = 0; i < vectors.length; i++) {
      forth.add(0, vectors[i]);
      int mirrored = vectors.length - 1 - i;
      (i % 3 == 0 ? rest : back).add(0, vectors[mirrored]);
      exact += vectors[i][0];
    }
    float[][] old = around(2, 2, 1);
    assertThat(rest.plus(back).means(old)).isDeepEqualTo(forth.means(old));
    assertThat(forth.means(old)[0][0]).isCloseTo((float) (exact / vectors.length), within(1e-6f));
    assertThat(forth.means(old)[1]).isEqualTo(old[1]).isNotSameAs(old[1]);
  }
}
