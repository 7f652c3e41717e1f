package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;

import io.batchwright.kernel.Backends;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Clusters of vectors by MLlib's k-means, the same for the same rows in the same order.
 *
 * @param count clusters asked for; made are at least 2, and no more than there are rows
 * @param iterations at least 1
 * @param cosine whether vectors are compared by their angle, else by their distance
 * @param seed of the start
 */
public record KMeansClusters(int count, int iterations, boolean cosine, long seed) {
  private static final String VECTOR = "vector";

  /**
   * {@code rows} with the column that k-means reads, made of {@code embedding}, array&lt;float>.
   */
  public static Dataset<Row> withVectors(Dataset<Row> rows, String embedding) {
    return rows.withColumn(VECTOR, functions.array_to_vector(col(embedding)));
  }

  /**
   * Finds centres.
   *
   * @param ordered rows {@link #withVectors}, in an order that does not depend on the partitioning
   */
  public KMeansModel fit(Dataset<Row> ordered) {
    Backends.keepOneBlas();
    return new KMeans()
        .setK((int) Math.max(2, Math.min(count, ordered.count())))
        .setMaxIter(iterations)
        .setSeed(seed)
        .setDistanceMeasure(cosine ? "cosine" : "euclidean")
        .setFeaturesCol(VECTOR)
        .fit(ordered);
  }

  /** {@code rows}, {@link #withVectors}, with the number of the nearest centre for the vector. */
  public static Dataset<Row> assigned(KMeansModel model, Dataset<Row> rows, String name) {
    return model.setPredictionCol(name).transform(rows).drop(VECTOR);
  }
}
