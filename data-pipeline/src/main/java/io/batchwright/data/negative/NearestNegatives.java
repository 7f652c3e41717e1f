package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.NeighbourSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.technique.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * The negatives among each query's nearest documents by cosine, where the candidates themselves are
 * not kept.
 *
 * <p>A selection looks as far as the query with most positives needs. Most queries find their
 * negatives much earlier, so all are searched for a few candidates first, and those that lack a
 * negative again for more. The best of a query's candidates do not depend on how many are kept, so
 * the negatives are those of one search for all.
 *
 * @param selection from candidates to negatives
 * @param positives the largest number of positives of a query's text
 * @param candidates looked at of each query at the most, at least 1
 * @param seed of random choices
 */
public record NearestNegatives(
    NegativeSelection selection, int positives, int candidates, long seed) {
  private static final int MEGABYTES = 128;
  private static final int FIRST = 64;

  /** How many times as many the next search keeps. */
  private static final int WIDER = 8;

  /** Checks the range. */
  public NearestNegatives {
    Check.atLeast("NearestNegatives.candidates", candidates, 1);
  }

  /**
   * Finds the negatives.
   *
   * @param judge from {@link io.batchwright.data.Tables#CANDIDATES} to {@link
   *     JudgedCandidates#SCHEMA}
   * @param use what is done with the negatives, {@link io.batchwright.data.Tables#CANDIDATES},
   *     which are held until it ends
   * @return what {@code use} does
   */
  public <R> R of(
      EmbeddingTable queries,
      EmbeddingTable documents,
      UnaryOperator<Dataset<Row>> judge,
      Function<Dataset<Row>, R> use) {
    List<Dataset<Row>> searched = new ArrayList<>();
    try {
      List<Dataset<Row>> complete = new ArrayList<>();
      EmbeddingTable rest = queries;
      int kept = first();
      while (kept < candidates) {
        Dataset<Row> found = found(rest, documents, judge, kept);
        searched.add(found.persist(StorageLevel.MEMORY_AND_DISK()));
        Dataset<Row> done =
            found
                .groupBy("query_id")
                .count()
                .where(col("count").equalTo(selection.perQuery()))
                .select("query_id");
        complete.add(found.join(done, new String[] {"query_id"}, "left_semi"));
        Dataset<Row> left =
            rest.rows()
                .join(done.withColumnRenamed("query_id", "id"), new String[] {"id"}, "left_anti");
        if (left.isEmpty()) {
          return use.apply(complete.stream().reduce(Dataset::union).orElseThrow());
        }
        rest = EmbeddingTable.check("queries without enough negatives", left);
        kept = Math.min(candidates, WIDER * kept);
      }
      complete.add(found(rest, documents, judge, candidates));
      return use.apply(complete.stream().reduce(Dataset::union).orElseThrow());
    } finally {
      searched.forEach(found -> found.unpersist());
    }
  }

  /** A random choice needs all that may be chosen. */
  private int first() {
    return selection.sampling() == Sampling.TOP
        ? Math.max(FIRST, 4 * (selection.rangeMin() + selection.perQuery()))
        : candidates;
  }

  private Dataset<Row> found(
      EmbeddingTable queries,
      EmbeddingTable documents,
      UnaryOperator<Dataset<Row>> judge,
      int kept) {
    Dataset<Row> nearest =
        new NeighbourSearch(kept, Similarity.COSINE, new ExactSearch(1024, 4096, false), MEGABYTES)
            .search(queries, documents)
            .withColumn("miner", lit("NeighbourSearch"));
    return NegativeSelection.negatives(selection.decide(judge.apply(nearest), positives, seed));
  }
}
