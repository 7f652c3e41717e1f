package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.token.Ordinals;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Documents drawn uniformly, without repeats within a query: the baseline every miner must beat.
 *
 * <p>The draws of a query depend on the seed and its id alone. Scores are 0.
 *
 * @param perQuery candidates of each query; at least 1
 */
@Paper(
    title = "Dense Passage Retrieval for Open-Domain Question Answering",
    arxiv = "2004.04906",
    where = "Section 3.2, Random")
public record RandomNegatives(int perQuery) implements NegativeMiner {
  /** One negative, as the paper's table of negatives starts. */
  public static final RandomNegatives PAPER = new RandomNegatives(1);

  private static final StructType DRAWS =
      new StructType(
          new StructField[] {
            DataTypes.createStructField("query_id", DataTypes.StringType, false),
            DataTypes.createStructField("document", DataTypes.LongType, false),
            DataTypes.createStructField("rank", DataTypes.IntegerType, false)
          });

  /** Checks the ranges. */
  public RandomNegatives {
    Check.atLeast("RandomNegatives.perQuery", perQuery, 1);
  }

  @Override
  public Dataset<Row> mine(Corpus corpus) {
    Dataset<Row> documents =
        Ordinals.number(corpus.documents().select("doc_id"), "document", col("doc_id"));
    long count = documents.count();
    int wanted = (int) Math.min(perQuery, count);
    long seed = corpus.seed();
    FlatMapFunction<Row, Row> draw = row -> draws(row.getString(0), seed, wanted, count);
    return corpus
        .queries()
        .select("query_id")
        .flatMap(draw, Encoders.row(DRAWS))
        .join(documents, "document")
        .select(
            col("query_id"),
            col("doc_id"),
            col("rank"),
            lit(0.0f).as("score"),
            lit("RandomNegatives").as("miner"));
  }

  private static Iterator<Row> draws(String queryId, long seed, int wanted, long count) {
    RandomStream stream =
        RandomStream.of(seed, "negative.random", LongHashFunction.xx3().hashChars(queryId), 0);
    Set<Long> drawn = new LinkedHashSet<>();
    for (long i = 0; drawn.size() < wanted; i++) {
      drawn.add(stream.belowAt(i, count));
    }
    List<Row> rows = new ArrayList<>(wanted);
    drawn.forEach(document -> rows.add(RowFactory.create(queryId, document, rows.size() + 1)));
    return rows.iterator();
  }
}
