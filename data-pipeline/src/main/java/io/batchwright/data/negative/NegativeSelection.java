package io.batchwright.data.negative;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.Tables;
import io.batchwright.technique.Check;
import io.batchwright.tensor.RandomStream;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;

/**
 * From stored candidates to negatives: a query, run again with other settings in seconds.
 *
 * <p>Of each query the best {@code range + positives} candidates are looked at, where positives is
 * the largest number of positives that a query has. Those that a filter excludes go. Of the rest,
 * the best {@code rangeMax} by score, without the first {@code rangeMin}, are the options; of equal
 * scores the smaller id is the better. {@code perQuery} of them become negatives.
 *
 * @param filters each takes candidates out; the first that does is the reason
 * @param rangeMin options passed over at the top, at least 0
 * @param rangeMax options looked at, above {@code rangeMin}; empty: {@code rangeMin + perQuery +
 *     positives}, with ten times {@code perQuery} where a filter takes out good candidates
 * @param perQuery negatives of a query, at least 1
 * @param sampling which of the options
 */
public record NegativeSelection(
    List<NegativeFilter> filters,
    int rangeMin,
    Optional<Integer> rangeMax,
    int perQuery,
    Sampling sampling)
    implements Serializable {
  /** NV-Retriever's choice: the four best that score below 95 % of the positive. */
  public static final NegativeSelection UNGUIDED =
      bestOf(List.of(KnownPositives.PAPER, SameAnswer.PAPER, TopKPercPos.PAPER));

  /** The same, of those that a guide, where there is one, does not prefer to the positive. */
  public static final NegativeSelection DEFAULTS =
      bestOf(
          List.of(
              KnownPositives.PAPER, SameAnswer.PAPER, TopKPercPos.PAPER, GuideDisagreement.PAPER));

  /** The reason of a candidate further down than any that is looked at. */
  public static final String BEYOND_RANGE = "beyond_range";

  /** The reason of an option that was passed over at the top. */
  public static final String BEFORE_RANGE = "before_range";

  /** The reason of an option of a query that has its negatives already. */
  public static final String NOT_CHOSEN = "not_chosen";

  /** Checks the ranges. */
  public NegativeSelection {
    filters = List.copyOf(filters);
    Check.atLeast("NegativeSelection.rangeMin", rangeMin, 0);
    Check.atLeast("NegativeSelection.perQuery", perQuery, 1);
    Check.that(sampling != null, "NegativeSelection.sampling", "must be given");
    if (rangeMax.isPresent()) {
      Check.that(
          rangeMax.get() - rangeMin >= perQuery,
          "NegativeSelection.rangeMax",
          "must leave perQuery options after rangeMin: %d is less than %d + %d"
              .formatted(rangeMax.get(), rangeMin, perQuery));
    }
  }

  private static NegativeSelection bestOf(List<NegativeFilter> filters) {
    return new NegativeSelection(filters, 0, Optional.empty(), 4, Sampling.TOP);
  }

  /** How many options are looked at where a query has at most {@code positives} positives. */
  public int range(int positives) {
    boolean strict = filters.stream().anyMatch(NegativeFilter::reachesDown);
    return rangeMax.orElse(rangeMin + perQuery * (strict ? 10 : 1) + positives);
  }

  /** How many candidates a query needs where a query has at most {@code positives} positives. */
  public int candidates(int positives) {
    return range(positives) + positives;
  }

  /**
   * What becomes of each candidate.
   *
   * @param judged {@link JudgedCandidates#SCHEMA}
   * @param positives the largest number of positives of a query
   * @param seed of the run, for {@link Sampling#RANDOM}
   * @return the same rows with {@code reason} (null for a negative) and {@code place}, a negative's
   *     rank from 1
   */
  public Dataset<Row> decide(Dataset<Row> judged, int positives, long seed) {
    Column reason = when(col("rank").gt(candidates(positives)), BEYOND_RANGE);
    for (NegativeFilter filter : filters) {
      reason = reason.when(coalesce(filter.excludes(), lit(false)), filter.reason());
    }
    WindowSpec byScore =
        Window.partitionBy("query_id", "open").orderBy(col("score").desc(), col("doc_id").asc());
    Dataset<Row> options =
        judged
            .withColumn("reason", reason)
            .withColumn("open", col("reason").isNull())
            .withColumn("option", when(col("open"), row_number().over(byScore)))
            .withColumn(
                "reason",
                coalesce(
                    col("reason"),
                    when(col("option").gt(range(positives)), BEYOND_RANGE)
                        .when(col("option").leq(rangeMin), BEFORE_RANGE)))
            .withColumn("open", col("reason").isNull());
    return (sampling == Sampling.TOP ? best(options) : drawn(options, byScore, seed))
        .drop("open", "option");
  }

  /** The first options, whose ranks give their places. */
  private Dataset<Row> best(Dataset<Row> options) {
    Column place = col("option").minus(rangeMin);
    return options
        .withColumn("reason", coalesce(col("reason"), when(place.gt(perQuery), NOT_CHOSEN)))
        .withColumn("place", when(col("reason").isNull(), place));
  }

  private Dataset<Row> drawn(Dataset<Row> options, WindowSpec byScore, long seed) {
    WindowSpec chosenFirst = Window.partitionBy("query_id", "open").orderBy(order(seed));
    return options
        .withColumn("turn", row_number().over(chosenFirst))
        .withColumn("reason", coalesce(col("reason"), when(col("turn").gt(perQuery), NOT_CHOSEN)))
        .withColumn("open", col("reason").isNull())
        .withColumn("place", when(col("open"), row_number().over(byScore)))
        .drop("turn");
  }

  private static Column[] order(long seed) {
    UDF2<String, String, Long> draw =
        (query, document) ->
            RandomStream.of(seed, "negative.choice", LongHashFunction.xx3().hashChars(query), 0)
                .longAt(LongHashFunction.xx3().hashChars(document) & Long.MAX_VALUE);
    Column drawn = udf(draw, DataTypes.LongType).apply(col("query_id"), col("doc_id"));
    return new Column[] {drawn.asc(), col("score").desc(), col("doc_id").asc()};
  }

  /** The negatives among {@code decided}: {@link Tables#CANDIDATES} with ranks from 1. */
  public static Dataset<Row> negatives(Dataset<Row> decided) {
    return decided
        .where(col("reason").isNull())
        .withColumn("rank", col("place"))
        .select(
            Arrays.stream(Tables.CANDIDATES.fieldNames())
                .map(name -> col(name))
                .toArray(Column[]::new));
  }
}
