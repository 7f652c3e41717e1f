package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.search.NeighbourSearch;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * How hard the negatives of planned batches are: of the other positives in a query's step, the
 * share that stands among the {@value #TOP} nearest positives of the query, of all samples, and is
 * not known to answer it. The mean over {@value #MOST} planned samples, drawn by a hash of their
 * numbers.
 *
 * @param planned the share in the batches as planned, in [0, 1]
 * @param random what it would be in random batches of the same samples
 */
public record PlanHardness(double planned, double random) {
  static final int TOP = 100;
  static final int MOST = 1_000;

  /**
   * Looks at one epoch or a part of it; empty where a query or a positive has no vector, since what
   * is missing cannot be near.
   *
   * @param plan {@code step, sample} of it
   * @param samples with {@code sample, equal_hash, parts}
   * @param vectors {@code text_id, embedding}
   */
  public static Optional<PlanHardness> of(
      Dataset<Row> plan, Dataset<Row> samples, Dataset<Row> vectors) {
    Dataset<Row> pairs =
        samples
            .select(
                col("sample"),
                col("equal_hash"),
                PolicyColumns.textOf("query").as("query"),
                PolicyColumns.textOf("positive").as("positive"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> placed =
        plan.select("step", "sample").join(pairs, "sample").persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> looked =
        placed.orderBy(xxhash64(col("sample")), col("sample")).limit(MOST).persist();
    Dataset<Row> texts =
        looked.select("query").union(pairs.select("positive")).distinct().toDF("text_id");
    Dataset<Row> known =
        vectors
            .join(texts, new String[] {"text_id"}, "left_semi")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return known.count() == texts.count()
          ? Optional.of(measured(placed, looked, hard(pairs, looked, known)))
          : Optional.empty();
    } finally {
      known.unpersist();
      looked.unpersist();
      placed.unpersist();
      pairs.unpersist();
    }
  }

  private static PlanHardness measured(
      Dataset<Row> placed, Dataset<Row> looked, Dataset<Row> found) {
    Dataset<Row> hard = found.persist();
    try {
      return new PlanHardness(planned(placed, looked, hard), random(placed, looked, hard));
    } finally {
      hard.unpersist();
    }
  }

  Map<String, Double> metrics() {
    return Map.of("batch_hardness", planned, "batch_hardness_random", random);
  }

  /** {@code query, positive}: what is near and no known answer. */
  private static Dataset<Row> hard(Dataset<Row> pairs, Dataset<Row> looked, Dataset<Row> vectors) {
    return NeighbourSearch.of(TOP)
        .search(
            table("query embeddings", looked.select(col("query")), vectors),
            table("positive embeddings", pairs.select(col("positive")), vectors))
        .select(
            col("query_id").cast("bigint").as("query"), col("doc_id").cast("bigint").as("positive"))
        .join(looked.select("query", "equal_hash").distinct(), "query")
        .join(pairs, new String[] {"equal_hash", "positive"}, "left_anti")
        .select("query", "positive");
  }

  private static EmbeddingTable table(String what, Dataset<Row> texts, Dataset<Row> vectors) {
    return EmbeddingTable.check(
        what,
        texts
            .toDF("text_id")
            .distinct()
            .join(vectors, "text_id")
            .select(col("text_id").as("id"), col("embedding")));
  }

  private static double planned(Dataset<Row> placed, Dataset<Row> looked, Dataset<Row> hard) {
    Dataset<Row> met =
        looked
            .select("sample", "step", "query")
            .join(hard, "query")
            .join(placed.select("step", "positive"), new String[] {"step", "positive"})
            .groupBy("sample")
            .agg(count(lit(1)).as("met"));
    return mean(
        looked
            .join(placed.groupBy("step").agg(count(lit(1)).as("size")), "step")
            .where("size > 1")
            .join(met, new String[] {"sample"}, "left")
            .select(coalesce(col("met"), lit(0)).divide(col("size").minus(1)).as("share")));
  }

  private static double random(Dataset<Row> placed, Dataset<Row> looked, Dataset<Row> hard) {
    long others = placed.count() - 1;
    Dataset<Row> met =
        hard.join(placed.groupBy("positive").agg(count(lit(1)).as("uses")), "positive")
            .groupBy("query")
            .agg(sum("uses").as("met"));
    return others == 0
        ? Double.NaN
        : mean(
            looked
                .join(met, new String[] {"query"}, "left")
                .select(coalesce(col("met"), lit(0)).divide(lit(others)).as("share")));
  }

  private static double mean(Dataset<Row> shares) {
    Row mean = shares.agg(avg("share")).head();
    return mean.isNullAt(0) ? Double.NaN : mean.getDouble(0);
  }
}
