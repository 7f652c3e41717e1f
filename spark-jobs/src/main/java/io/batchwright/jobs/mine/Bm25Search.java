package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.row_number;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.search.NeighbourSearch;
import io.batchwright.train.evaluation.Bm25Counts;
import io.batchwright.train.evaluation.Bm25Statistics;
import io.batchwright.train.evaluation.TextAnalysis;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * BM25 by Lucene on executors: each partition of the documents becomes an index in memory, and all
 * of them weigh terms by the statistics of the whole, so that scores do not depend on partitions.
 *
 * <p>The driver and every task hold all queries and the frequencies of all terms.
 *
 * @param recipe analysis and parameters
 * @param queries {@code query_id, query}
 * @param documents {@code doc_id, text}
 */
record Bm25Search(Bm25Recipe recipe, Dataset<Row> queries, Dataset<Row> documents) {
  private static final StructType SCORED =
      new StructType()
          .add("query_id", DataTypes.StringType, false)
          .add("doc_id", DataTypes.StringType, false)
          .add("score", DataTypes.FloatType, false);

  /**
   * The best {@code k} documents of each query among those that share a term with it; of equal
   * scores the smaller id is the better.
   *
   * @return {@link NeighbourSearch#RESULT}
   * @throws BatchwrightException with exit code 3 if no document has a term
   */
  Dataset<Row> search(int k) {
    Dataset<Row> scored =
        inPartitions(documents.select(col("doc_id"), col("text")))
            .mapPartitions(new Bm25Partition(sent(), k), Encoders.row(SCORED));
    return scored
        .withColumn(
            "rank",
            row_number()
                .over(
                    Window.partitionBy("query_id")
                        .orderBy(col("score").desc(), col("doc_id").asc())))
        .where(col("rank").leq(k))
        .select("query_id", "doc_id", "rank", "score");
  }

  /**
   * The scores of given pairs, 0 where they share no term.
   *
   * @param pairs {@code query_id, doc_id}
   * @return {@code query_id, doc_id, score}; pairs whose query or document is not here are left out
   */
  Dataset<Row> scores(Dataset<Row> pairs) {
    Dataset<Row> asked = pairs.groupBy("doc_id").agg(collect_list(col("query_id")).as("query_ids"));
    return inPartitions(
            documents
                .select("doc_id", "text")
                .join(asked, "doc_id")
                .select("doc_id", "text", "query_ids"))
        .mapPartitions(new Bm25Partition(sent(), Bm25Partition.ASKED), Encoders.row(SCORED));
  }

  private static Dataset<Row> inPartitions(Dataset<Row> rows) {
    return rows.repartition(col("doc_id")).sortWithinPartitions("doc_id");
  }

  private Broadcast<Bm25Partition.Shared> sent() {
    List<Row> rows = queries.select("query_id", "query").orderBy("query_id").collectAsList();
    return JavaSparkContext.fromSparkContext(documents.sparkSession().sparkContext())
        .broadcast(
            new Bm25Partition.Shared(
                recipe,
                statistics(),
                rows.stream().map(row -> row.getString(0)).toArray(String[]::new),
                rows.stream().map(row -> row.getString(1)).toArray(String[]::new)));
  }

  private Bm25Statistics statistics() {
    TextAnalysis analysis = recipe.analysis();
    List<Bm25Counts> parts =
        documents
            .select("text")
            .toJavaRDD()
            .mapPartitions(
                rows -> {
                  List<String> texts = new ArrayList<>();
                  rows.forEachRemaining(row -> texts.add(row.getString(0)));
                  return List.of(Bm25Counts.of(texts, analysis)).iterator();
                })
            .collect();
    try {
      return Bm25Counts.sum(parts).statistics();
    } catch (IllegalArgumentException e) {
      throw BatchwrightException.data("None of the documents has a term for BM25 to find.", e);
    }
  }
}
