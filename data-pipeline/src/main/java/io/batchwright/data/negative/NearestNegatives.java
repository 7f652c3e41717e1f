package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.NeighbourSearch;
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
    List<Dataset<Row>> held = new ArrayList<>();
    try {
      return use.apply(widened(queries, documents, judge, first(), held));
    } finally {
      held.forEach(found -> found.unpersist());
    }
  }

  /** The negatives of a search for {@code kept} candidates, wider for queries that lack some. */
  private Dataset<Row> widened(
      EmbeddingTable queries,
      EmbeddingTable documents,
      UnaryOperator<Dataset<Row>> judge,
      int kept,
      List<Dataset<Row>> held) {
    Dataset<Row> nearest =
        NeighbourSearch.of(Math.min(kept, candidates))
            .search(queries, documents)
            .withColumn("miner", lit("NeighbourSearch"));
    Dataset<Row> found =
        NegativeSelection.negatives(selection.decide(judge.apply(nearest), positives, seed));
    if (kept >= candidates) {
      return found;
    }
    held.add(found.persist(StorageLevel.MEMORY_AND_DISK()));
    Dataset<Row> done =
        found
            .groupBy("query_id")
            .count()
            .where(col("count").equalTo(selection.perQuery()))
            .select("query_id");
    Dataset<Row> complete = found.join(done, new String[] {"query_id"}, "left_semi");
    Dataset<Row> left =
        queries
            .rows()
            .join(done.withColumnRenamed("query_id", "id"), new String[] {"id"}, "left_anti");
    if (left.isEmpty()) {
      return complete;
    }
    EmbeddingTable rest = EmbeddingTable.check("queries without enough negatives", left);
    return complete.union(widened(rest, documents, judge, WIDER * kept, held));
  }

  /** A random choice needs all that may be chosen. */
  private int first() {
    return selection.sampling() == Sampling.TOP
        ? Math.max(FIRST, 4 * (selection.rangeMin() + selection.perQuery()))
        : candidates;
  }
}
