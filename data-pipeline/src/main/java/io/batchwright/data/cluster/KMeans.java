package io.batchwright.data.cluster;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.RowBatches;
import io.batchwright.data.RowVectors;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Clusters around means, by Lloyd's algorithm on executors: the nearest centre of every vector by
 * one matrix product a block, until centres hold still.
 *
 * <pre>
 * centres = k-means++ on 4 count vectors, which hashes of their ids choose
 * repeat: centre_c = mean of the vectors whose nearest centre is c
 * until no centre moves by more than 1e-4, or iterations are done
 * </pre>
 *
 * <p>A cluster that loses all its vectors keeps its centre. Sums are exact ({@link ExactSums}), so
 * that centres are the same to the bit for any partitioning of the rows and any order of the tasks.
 * With {@code cosine}, vectors and centres have unit length. Above {@value #MOST_SPREAD} clusters
 * the start is random vectors, since k-means++ costs the square of the count.
 *
 * <p>A task holds its vectors, all centres and one sum of each.
 *
 * <p><b>Relations.</b> {@link BalancedTwoMeans} makes clusters of equal size on the driver.
 *
 * @param count clusters asked for, at least 1; there are fewer where there are not as many
 *     different vectors among those of the start
 * @param iterations at least 1
 * @param cosine whether vectors are compared by their angle, else by their distance
 * @param seed of the start
 */
@Paper(
    title = "k-means++: The Advantages of Careful Seeding",
    where = "the start, of which Lloyd's algorithm goes on; SODA 2007")
public record KMeans(int count, int iterations, boolean cosine, long seed) implements Serializable {
  private static final int ROWS = 1024;
  private static final int START_FACTOR = 4;
  private static final int MOST_SPREAD = 4096;

  /** Centres hold still where none moves by more, as in MLlib. */
  private static final double TOLERANCE = 1e-4;

  /** Checks the ranges. */
  public KMeans {
    Check.atLeast("KMeans.count", count, 1);
    Check.atLeast("KMeans.iterations", iterations, 1);
  }

  /** What a task says of its vectors. */
  private record Extent(long rows, double largest) implements Serializable {
    Extent with(Extent other) {
      return new Extent(rows + other.rows, Math.max(largest, other.largest));
    }
  }

  /**
   * Finds centres.
   *
   * @param rows vectors; ids differ
   * @param id the name of a column
   * @param embedding the name of the column of vectors, array&lt;float>
   * @return [clusters, D]; none where there are no rows
   * @throws IllegalArgumentException if a number is not finite or dims differ
   */
  public float[][] centres(Dataset<Row> rows, String id, String embedding) {
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
    JavaRDD<float[][]> blocks =
        rows.select(embedding)
            .toJavaRDD()
            .mapPartitions(this::blocks)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Extent extent = blocks.map(KMeans::extent).fold(new Extent(0, 0), Extent::with);
      if (extent.rows == 0) {
        return new float[0][];
      }
      float[][] centres = start(rows, id, embedding);
      for (int round = 0; round < iterations; round++) {
        Broadcast<float[][]> sent = context.broadcast(centres);
        ExactSums sums =
            blocks
                .mapPartitions(ofTask -> List.of(sums(ofTask, sent.value(), extent)).iterator())
                .treeReduce(ExactSums::plus);
        sent.unpersist(false);
        float[][] next = sums.means(centres);
        if (cosine) {
          Arrays.stream(next).forEach(KMeans::normalize);
        }
        boolean still = still(centres, next);
        centres = next;
        if (still) {
          break;
        }
      }
      return centres;
    } finally {
      blocks.unpersist(false);
    }
  }

  /**
   * {@code rows} with the number of each vector's nearest centre; of equally near ones the smaller.
   *
   * @param embedding the name of the column of vectors
   * @param centres as {@link #centres}, at least one
   * @param name of the new column
   */
  public Dataset<Row> assigned(
      Dataset<Row> rows, String embedding, float[][] centres, String name) {
    Broadcast<float[][]> sent =
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext()).broadcast(centres);
    int at = Arrays.asList(rows.columns()).indexOf(embedding);
    StructType schema = rows.schema().add(name, DataTypes.IntegerType, false);
    return rows.mapPartitions(
        (MapPartitionsFunction<Row, Row>) ofTask -> assigned(ofTask, at, sent.value()),
        Encoders.row(schema));
  }

  private Iterator<Row> assigned(Iterator<Row> rows, int at, float[][] centres) {
    NearestCentre nearest = new NearestCentre(centres, cosine);
    return new RowBatches(rows, ROWS, batch -> assigned(batch, at, nearest));
  }

  private List<Row> assigned(List<Row> batch, int at, NearestCentre nearest) {
    float[][] vectors = batch.stream().map(row -> vector(row, at)).toArray(float[][]::new);
    int[] of;
    try (Backend backend = Backends.select("auto")) {
      of = nearest.of(backend, vectors);
    }
    List<Row> numbered = new ArrayList<>();
    for (int i = 0; i < of.length; i++) {
      Row row = batch.get(i);
      Object[] values = new Object[row.size() + 1];
      for (int c = 0; c < row.size(); c++) {
        values[c] = row.get(c);
      }
      values[row.size()] = of[i];
      numbered.add(RowFactory.create(values));
    }
    return numbered;
  }

  private float[] vector(Row row, int column) {
    float[] vector = RowVectors.of(row, column);
    if (cosine) {
      normalize(vector);
    }
    return vector;
  }

  private Iterator<float[][]> blocks(Iterator<Row> rows) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public float[][] next() {
        List<float[]> vectors = new ArrayList<>();
        while (rows.hasNext() && vectors.size() < ROWS) {
          vectors.add(vector(rows.next(), 0));
        }
        return vectors.toArray(float[][]::new);
      }
    };
  }

  private static Extent extent(float[][] block) {
    double largest = 0;
    for (float[] vector : block) {
      for (float value : vector) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException("a vector holds a number that is not finite");
        }
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return new Extent(block.length, largest);
  }

  private ExactSums sums(Iterator<float[][]> blocks, float[][] centres, Extent extent) {
    ExactSums sums = ExactSums.zero(centres.length, centres[0].length, extent.rows, extent.largest);
    NearestCentre nearest = new NearestCentre(centres, cosine);
    try (Backend backend = Backends.select("auto")) {
      while (blocks.hasNext()) {
        float[][] block = blocks.next();
        int[] of = nearest.of(backend, block);
        for (int i = 0; i < of.length; i++) {
          sums.add(of[i], block[i]);
        }
      }
    }
    return sums;
  }

  /** The first centres, all different. */
  private float[][] start(Dataset<Row> rows, String id, String embedding) {
    boolean spread = count <= MOST_SPREAD;
    float[][] some =
        rows
            .select(col(id), col(embedding))
            .orderBy(xxhash64(col(id)), col(id))
            .limit(spread ? START_FACTOR * count : count)
            .select(embedding)
            .collectAsList()
            .stream()
            .map(row -> vector(row, 0))
            .toArray(float[][]::new);
    return spread ? KMeansPlusPlus.choose(some, count, seed) : KMeansPlusPlus.different(some);
  }

  private static void normalize(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    for (int d = 0; squares > 0 && d < vector.length; d++) {
      vector[d] = (float) (vector[d] / Math.sqrt(squares));
    }
  }

  private static boolean still(float[][] before, float[][] after) {
    for (int c = 0; c < before.length; c++) {
      if (KMeansPlusPlus.squaredDistance(before[c], after[c]) > TOLERANCE * TOLERANCE) {
        return false;
      }
    }
    return true;
  }
}
