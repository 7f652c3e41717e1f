package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.ledger.Removed;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * Topic-aware sampling with balanced margins: steps of one cluster as {@link Tas} has them, where
 * each query brings one of its pairs of a positive and a negative, and easy pairs do not crowd out
 * hard ones.
 *
 * <pre>
 * margin(q, p, n) = teacher(q, p) - teacher(q, n)
 * of each query: `bins` bins of equal width over its margins; one that is not empty, uniformly;
 *   then one pair of it, uniformly
 * </pre>
 *
 * <p>The samples are pairs: several of a query (the same {@code equal_hash}), each with one
 * negative. Each epoch draws anew; pairs not drawn are removed with the reason {@code
 * pair_not_drawn}. Where all margins of a query are equal they share one bin.
 *
 * <p><b>Errors.</b> The samples need the columns {@code cluster} and {@code margin}.
 *
 * <p><b>Deviations from the paper.</b> As {@link Tas}. As in the authors' code a query with a
 * single pair is left out (reason {@code single_pair}).
 *
 * <p><b>Relations.</b> The loss {@code TasDualSupervision} learns the teacher's scores of the same
 * pairs.
 *
 * @param pairsPerStep samples of a step over all ranks; at least 1
 * @param bins of margins, at least 1
 * @param dropLast whether the last incomplete step is dropped (reason {@code partial_step})
 */
@Paper(
    title = "Efficiently Teaching an Effective Dense Retriever with Balanced Topic Aware Sampling",
    arxiv = "2104.06967",
    where = "TAS-Balanced, ten bins")
public record TasBalanced(int pairsPerStep, int bins, boolean dropLast) implements BatchPolicy {
  /** 256 pairs a step, as the published model, and ten bins. */
  public static final TasBalanced PAPER = new TasBalanced(256, 10, true);

  /** The reason of a pair whose query brought another one. */
  public static final String NOT_DRAWN = "pair_not_drawn";

  /** The reason of a query's only pair. */
  public static final String SINGLE = "single_pair";

  /** Checks the ranges. */
  public TasBalanced {
    Check.atLeast("TasBalanced.pairsPerStep", pairsPerStep, 1);
    Check.atLeast("TasBalanced.bins", bins, 1);
  }

  @Override
  public Set<SampleColumn> needs() {
    return Set.of(SampleColumn.CLUSTER, SampleColumn.MARGIN);
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    SampleColumn.CLUSTER.require(samples, this);
    SampleColumn.MARGIN.require(samples, this);
    Dataset<Row> drawn = samples.join(drawn(samples, key), "equal_hash");
    Column chosen = col("sample").equalTo(col("chosen"));
    Plan plan =
        new Tas(pairsPerStep, dropLast)
            .plan(drawn.where(col("pairs").gt(1).and(chosen)).drop("pairs", "chosen"), key);
    Dataset<Row> others =
        drawn
            .where(col("pairs").equalTo(1).or(chosen.unary_$bang()))
            .select(
                Removed.columns(
                    col("sample_id"),
                    Plan.NAME,
                    when(col("pairs").equalTo(1), lit(SINGLE)).otherwise(NOT_DRAWN)));
    return new Plan(plan.rows(), plan.removed().union(others), plan.steps());
  }

  /** {@code equal_hash, pairs, chosen}: how many pairs a query has, and the sample it brings. */
  private Dataset<Row> drawn(Dataset<Row> samples, PlanKey key) {
    int binCount = bins;
    UDF1<Row, Long> draw =
        query -> {
          List<Row> pairs = query.getList(1);
          float[] margins = new float[pairs.size()];
          for (int i = 0; i < margins.length; i++) {
            margins[i] = pairs.get(i).getFloat(1);
          }
          RandomStream random =
              RandomStream.of(key.seed(), "batch.margins", key.epoch(), query.getLong(0));
          return pairs.get(MarginBins.draw(margins, binCount, random)).getLong(0);
        };
    return samples
        .groupBy("equal_hash")
        .agg(array_sort(collect_list(struct(col("sample"), col("margin")))).as("of_query"))
        .select(
            col("equal_hash"),
            size(col("of_query")).as("pairs"),
            udf(draw, DataTypes.LongType)
                .apply(struct(col("equal_hash"), col("of_query")))
                .as("chosen"));
  }
}
