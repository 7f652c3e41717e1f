package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.Similarity;
import java.nio.ByteBuffer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.Iterator;
import scala.collection.Seq;

/**
 * The scores of given pairs, computed from embeddings in double precision.
 *
 * <p>A vector is in millions of pairs: it goes to them as bytes, since Spark hands arrays to
 * functions as a list of objects.
 */
public final class PairScores {
  /** Vectors that go to every executor as they are, instead of the pairs to them. */
  private static final long MOST_BROADCAST_BYTES = 64L << 20;

  private static final UserDefinedFunction BYTES =
      udf((UDF1<Seq<Float>, byte[]>) PairScores::bytes, DataTypes.BinaryType);

  private static final UserDefinedFunction PRODUCT =
      udf((UDF2<byte[], byte[], Double>) PairScores::product, DataTypes.DoubleType);

  private PairScores() {}

  /**
   * Scores pairs.
   *
   * @param pairs {@code query_id, doc_id}
   * @return {@code query_id, doc_id, score}; pairs without both embeddings are left out
   * @throws IllegalArgumentException if the tables' dims differ
   */
  public static Dataset<Row> of(
      Dataset<Row> pairs, EmbeddingTable queries, EmbeddingTable documents, Similarity similarity) {
    queries.requireDimsOf(documents);
    Column product = PRODUCT.apply(col("q"), col("d"));
    Column score =
        similarity == Similarity.COSINE
            ? product.divide(col("q_norm").multiply(col("d_norm")))
            : product;
    return pairs
        .select("query_id", "doc_id")
        .join(vectors(queries, "query_id", "q"), "query_id")
        .join(vectors(documents, "doc_id", "d"), "doc_id")
        .select(col("query_id"), col("doc_id"), score.cast("float").as("score"));
  }

  private static Dataset<Row> vectors(EmbeddingTable table, String id, String name) {
    Dataset<Row> vectors =
        table
            .rows()
            .select(
                col("id").as(id),
                BYTES.apply(col("embedding")).as(name),
                EmbeddingTable.norm(col("embedding")).as(name + "_norm"));
    long bytes = table.count() * table.dims() * Float.BYTES;
    return bytes <= MOST_BROADCAST_BYTES ? broadcast(vectors) : vectors;
  }

  private static byte[] bytes(Seq<Float> vector) {
    ByteBuffer bytes = ByteBuffer.allocate(vector.size() * Float.BYTES);
    Iterator<Float> numbers = vector.iterator();
    while (numbers.hasNext()) {
      bytes.putFloat(numbers.next());
    }
    return bytes.array();
  }

  private static double product(byte[] query, byte[] document) {
    ByteBuffer q = ByteBuffer.wrap(query);
    ByteBuffer d = ByteBuffer.wrap(document);
    double product = 0;
    for (int i = 0; i < query.length; i += Float.BYTES) {
      product += (double) q.getFloat(i) * d.getFloat(i);
    }
    return product;
  }
}
