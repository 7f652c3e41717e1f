package io.batchwright.data.search;

import io.batchwright.data.token.Ordinals;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Exact nearest neighbours of a table in a table, on executors.
 *
 * <p>Documents are packed into blocks, which stay where they are and are kept on disk where memory
 * is short. Queries go to all executors, a batch at a time; each task keeps the best k of its
 * blocks, and one shuffle joins them. A batch of queries is as large as {@code
 * megabytesPerQueryBatch} allows, vectors and results counted; each task's search keeps 64 MB of it
 * at most once more ({@link ExactSearch}).
 *
 * @param k neighbours of each query, at least 1; all documents where there are fewer
 * @param similarity how alike
 * @param tiles of each task's matrix products
 * @param megabytesPerQueryBatch memory of a task for queries and results, at least 1
 */
public record NeighbourSearch(
    int k, Similarity similarity, ExactSearch tiles, int megabytesPerQueryBatch)
    implements Serializable {
  private static final long MEGABYTE = 1L << 20;

  /** Ids that go to every executor, some MB of them. */
  private static final int MOST_BROADCAST = 200_000;

  /** What comes back: ids are those of the tables, ranks start at 1. */
  public static final StructType RESULT =
      new StructType()
          .add("query_id", DataTypes.StringType, false)
          .add("doc_id", DataTypes.StringType, false)
          .add("rank", DataTypes.IntegerType, false)
          .add("score", DataTypes.FloatType, false);

  private static final StructType RANKED =
      new StructType()
          .add("query", DataTypes.LongType, false)
          .add("document", DataTypes.LongType, false)
          .add("rank", DataTypes.IntegerType, false)
          .add("score", DataTypes.FloatType, false);

  /** Checks the ranges. */
  public NeighbourSearch {
    Check.atLeast("NeighbourSearch.k", k, 1);
    Check.that(similarity != null, "NeighbourSearch.similarity", "must be given");
    Check.atLeast("NeighbourSearch.megabytesPerQueryBatch", megabytesPerQueryBatch, 1);
  }

  /** {@code k} neighbours by the cosine, tiles of one thread, 128 MB a task. */
  public static NeighbourSearch of(int k) {
    return new NeighbourSearch(k, Similarity.COSINE, new ExactSearch(1024, 4096, false), 128);
  }

  /**
   * The neighbours of each query; of equal scores the smaller id is the better.
   *
   * @param queries vectors by id
   * @param documents vectors by id, of the same length
   * @return {@link #RESULT}
   * @throws IllegalArgumentException if the tables' dims differ
   */
  public Dataset<Row> search(EmbeddingTable queries, EmbeddingTable documents) {
    queries.requireDimsOf(documents);
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(queries.rows().sparkSession().sparkContext());
    int dims = queries.dims();
    Dataset<Row> numberedQueries = numbered(queries.rows());
    Dataset<Row> numberedDocuments = numbered(documents.rows());
    int rowsPerBlock = tiles.documentTile();
    JavaRDD<VectorBlock> blocks =
        numberedDocuments
            .toJavaRDD()
            .mapPartitions(rows -> VectorBlock.pack(rows, dims, rowsPerBlock))
            .persist(StorageLevel.MEMORY_AND_DISK());
    long bytesPerQuery = 4L * dims + 12L * k;
    int perBatch =
        (int) Math.max(1, Math.min(1 << 20, megabytesPerQueryBatch * MEGABYTE / bytesPerQuery));
    List<JavaPairRDD<Long, Neighbours>> results = new ArrayList<>();
    List<Broadcast<VectorBlock>> sent = new ArrayList<>();
    try {
      Iterator<VectorBlock> batches =
          VectorBlock.pack(numberedQueries.toLocalIterator(), dims, perBatch);
      while (batches.hasNext()) {
        Broadcast<VectorBlock> batch = context.broadcast(batches.next());
        sent.add(batch);
        JavaPairRDD<Long, Neighbours> found =
            found(blocks, batch).persist(StorageLevel.DISK_ONLY());
        found.count(); // so that only one batch of queries is on its way
        results.add(found);
        batch.unpersist(true);
      }
    } finally {
      blocks.unpersist(false);
    }
    return named(
        context.union(results.toArray(JavaPairRDD[]::new)),
        queries,
        numberedQueries,
        documents,
        numberedDocuments);
  }

  static Dataset<Row> numbered(Dataset<Row> vectors) {
    return Ordinals.number(vectors, "ordinal", functions.col("id"));
  }

  /** The neighbours of one batch of queries, by their ordinals. */
  private JavaPairRDD<Long, Neighbours> found(
      JavaRDD<VectorBlock> blocks, Broadcast<VectorBlock> batch) {
    return blocks
        .mapPartitionsToPair(ofPartition -> best(batch.value(), ofPartition))
        .reduceByKey((a, b) -> Neighbours.merge(a, b, k));
  }

  private Iterator<Tuple2<Long, Neighbours>> best(
      VectorBlock queries, Iterator<VectorBlock> blocks) {
    Neighbours[] best = new Neighbours[queries.count()];
    try (Backend backend = Backends.select("auto")) {
      while (blocks.hasNext()) {
        VectorBlock block = blocks.next();
        TopK.Best[] ofBlock = tiles.search(backend, queries, block, similarity, k);
        for (int q = 0; q < best.length; q++) {
          Neighbours found = global(block, ofBlock[q]);
          best[q] = best[q] == null ? found : Neighbours.merge(best[q], found, k);
        }
      }
    }
    List<Tuple2<Long, Neighbours>> all = new ArrayList<>();
    for (int q = 0; q < best.length; q++) {
      if (best[q] != null) {
        all.add(new Tuple2<>(queries.ordinals()[q], best[q]));
      }
    }
    return all.iterator();
  }

  static Neighbours global(VectorBlock block, TopK.Best best) {
    long[] ordinals = new long[best.documents().length];
    for (int i = 0; i < ordinals.length; i++) {
      ordinals[i] = block.ordinals()[best.documents()[i]];
    }
    return new Neighbours(ordinals, best.scores());
  }

  private static Iterator<Row> rows(long query, Neighbours neighbours) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < neighbours.documents().length; i++) {
      rows.add(RowFactory.create(query, neighbours.documents()[i], i + 1, neighbours.scores()[i]));
    }
    return rows.iterator();
  }

  /** Names what was found by ordinals; few ids go to all that was found, not the other way. */
  static Dataset<Row> named(
      JavaPairRDD<Long, Neighbours> found,
      EmbeddingTable queries,
      Dataset<Row> numberedQueries,
      EmbeddingTable documents,
      Dataset<Row> numberedDocuments) {
    return queries
        .rows()
        .sparkSession()
        .createDataFrame(found.flatMap(of -> rows(of._1(), of._2())), RANKED)
        .join(ids(numberedQueries, queries.count(), "query", "query_id"), "query")
        .join(ids(numberedDocuments, documents.count(), "document", "doc_id"), "document")
        .select("query_id", "doc_id", "rank", "score");
  }

  private static Dataset<Row> ids(Dataset<Row> numbered, long count, String ordinal, String id) {
    Dataset<Row> ids =
        numbered.select(functions.col("ordinal").as(ordinal), functions.col("id").as(id));
    return count <= MOST_BROADCAST ? functions.broadcast(ids) : ids;
  }
}
