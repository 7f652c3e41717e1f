package io.batchwright.data.search;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * Approximate nearest neighbours by inverted lists: each document stands in the list of its nearest
 * centre, and a query is compared exactly with the documents of the lists nearest to it.
 *
 * <p>The work is {@code probes / lists} of an exact search, and so is the memory of a task: the
 * documents of one list and the queries that look into it. What a query misses is for a comparison
 * with {@link NeighbourSearch} on some queries to say. With as many probes as lists the result is
 * that of the exact search.
 *
 * @param exact k, similarity and tiles
 * @param probes lists that a query looks into, at least 1; all where there are fewer
 */
public record ListSearch(NeighbourSearch exact, int probes) implements Serializable {
  private static final int ROWS = 1024;

  /** Checks the range. */
  public ListSearch {
    Check.atLeast("ListSearch.probes", probes, 1);
  }

  /** A vector with its place in the sorted ids. */
  private record Numbered(long ordinal, float[] vector) implements Serializable {}

  /**
   * The neighbours of each query; of equal scores the smaller id is the better.
   *
   * @param queries vectors by id
   * @param documents vectors by id, of the same length
   * @param centres [lists, D] such as those of k-means over documents
   * @return {@link NeighbourSearch#RESULT}; fewer than k rows for a query whose lists hold fewer
   * @throws IllegalArgumentException if dims differ
   */
  public Dataset<Row> search(EmbeddingTable queries, EmbeddingTable documents, float[][] centres) {
    int dims = documents.dims();
    if (queries.dims() != dims || centres[0].length != dims) {
      throw new IllegalArgumentException(
          "queries have %d dims, documents %d and centres %d"
              .formatted(queries.dims(), dims, centres[0].length));
    }
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(queries.rows().sparkSession().sparkContext());
    Broadcast<float[][]> sent = context.broadcast(centres);
    Dataset<Row> numberedQueries = NeighbourSearch.numbered(queries.rows());
    Dataset<Row> numberedDocuments = NeighbourSearch.numbered(documents.rows());
    JavaPairRDD<Long, Neighbours> found =
        byList(numberedQueries, sent, dims, Math.min(probes, centres.length), exact.similarity())
            .cogroup(byList(numberedDocuments, sent, dims, 1, Similarity.COSINE))
            .flatMapToPair(list -> best(list._2()._1(), list._2()._2(), dims))
            .reduceByKey((a, b) -> Neighbours.merge(a, b, exact.k()));
    return NeighbourSearch.named(found, queries, numberedQueries, documents, numberedDocuments);
  }

  /** How many documents the list of each centre holds. */
  public long[] sizes(EmbeddingTable documents, float[][] centres) {
    Broadcast<float[][]> sent =
        JavaSparkContext.fromSparkContext(documents.rows().sparkSession().sparkContext())
            .broadcast(centres);
    long[] sizes = new long[centres.length];
    byList(NeighbourSearch.numbered(documents.rows()), sent, documents.dims(), 1, Similarity.COSINE)
        .mapValues(document -> 1L)
        .reduceByKey(Long::sum)
        .collect()
        .forEach(list -> sizes[list._1()] = list._2());
    return sizes;
  }

  /** Each vector under the numbers of its {@code count} nearest centres. */
  private JavaPairRDD<Integer, Numbered> byList(
      Dataset<Row> numbered,
      Broadcast<float[][]> centres,
      int dims,
      int count,
      Similarity similarity) {
    ExactSearch tiles = exact.tiles();
    return numbered
        .toJavaRDD()
        .mapPartitions(rows -> VectorBlock.pack(rows, dims, ROWS))
        .flatMapToPair(
            block -> {
              List<Tuple2<Integer, Numbered>> all = new ArrayList<>();
              try (Backend backend = Backends.select("auto")) {
                TopK.Best[] nearest =
                    tiles.search(backend, block, VectorRows.of(centres.value()), similarity, count);
                for (int i = 0; i < block.count(); i++) {
                  float[] vector = new float[dims];
                  block.copy(i, i + 1, vector);
                  for (int list : nearest[i].documents()) {
                    all.add(new Tuple2<>(list, new Numbered(block.ordinals()[i], vector)));
                  }
                }
              }
              return all.iterator();
            });
  }

  private Iterator<Tuple2<Long, Neighbours>> best(
      Iterable<Numbered> queries, Iterable<Numbered> documents, int dims) {
    VectorBlock asked = block(queries, dims);
    VectorBlock inList = block(documents, dims);
    List<Tuple2<Long, Neighbours>> found = new ArrayList<>();
    if (asked.count() == 0 || inList.count() == 0) {
      return found.iterator();
    }
    try (Backend backend = Backends.select("auto")) {
      TopK.Best[] best =
          exact.tiles().search(backend, asked, inList, exact.similarity(), exact.k());
      for (int q = 0; q < best.length; q++) {
        found.add(new Tuple2<>(asked.ordinals()[q], NeighbourSearch.global(inList, best[q])));
      }
    }
    return found.iterator();
  }

  /** Packed by ordinal, so that equal scores rank by it. */
  private static VectorBlock block(Iterable<Numbered> vectors, int dims) {
    List<Numbered> sorted = new ArrayList<>();
    vectors.forEach(sorted::add);
    sorted.sort((a, b) -> Long.compare(a.ordinal, b.ordinal));
    float[] values = new float[Math.multiplyExact(sorted.size(), dims)];
    for (int i = 0; i < sorted.size(); i++) {
      System.arraycopy(sorted.get(i).vector, 0, values, i * dims, dims);
    }
    return new VectorBlock(sorted.stream().mapToLong(Numbered::ordinal).toArray(), dims, values);
  }
}
