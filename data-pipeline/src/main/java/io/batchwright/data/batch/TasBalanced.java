package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.inline;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.ledger.Removed;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

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

  private static final DataType DRAWN =
      DataTypes.createArrayType(
          new StructType()
              .add("sample", DataTypes.LongType, false)
              .add("pairs", DataTypes.IntegerType, false)
              .add("epochs", DataTypes.createArrayType(DataTypes.IntegerType, false), false),
          false);

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
    return plan(samples, EpochRange.of(key)).asPlan();
  }

  /** All epochs by one sort. */
  @Override
  public EpochPlans plan(Dataset<Row> samples, EpochRange range) {
    SampleColumn.CLUSTER.require(samples, this);
    SampleColumn.MARGIN.require(samples, this);
    Tas tas = new Tas(pairsPerStep, dropLast);
    long queries = samples.groupBy("equal_hash").count().where(col("count").gt(1)).count();
    int epochs = range.epochs(tas.random().stepsOf(queries));
    Dataset<Row> drawn =
        Tas.byCluster(samples).join(drawn(samples, range.seed(), range.from(), epochs), "sample");
    EpochPlans plans = tas.plan(EpochSamples.drawn(drawn), range, Tas.clusters(samples));
    Column every = sequence(lit(range.from()), lit(range.from() + epochs - 1));
    Dataset<Row> others =
        drawn
            .withColumn("epoch", explode(array_except(every, col("epochs"))))
            .select(
                Removed.columns(
                    col("sample_id"),
                    Plan.NAME,
                    when(col("pairs").equalTo(1), lit(SINGLE)).otherwise(NOT_DRAWN)));
    return new EpochPlans(
        plans.rows(), plans.removed().union(others), plans.epochs(), plans.steps());
  }

  /**
   * {@code sample, pairs, epochs}: how many pairs the query of a sample has, and the epochs in
   * which it brings this one; a single pair has none.
   */
  private Dataset<Row> drawn(Dataset<Row> samples, long seed, int from, int epochs) {
    int binCount = bins;
    UDF1<Row, List<Row>> draw =
        query -> {
          List<Row> pairs = query.getList(1);
          float[] margins = new float[pairs.size()];
          List<List<Integer>> brought = new ArrayList<>();
          for (int i = 0; i < margins.length; i++) {
            margins[i] = pairs.get(i).getFloat(1);
            brought.add(new ArrayList<>());
          }
          int end = margins.length == 1 ? from : from + epochs;
          for (int epoch = from; epoch < end; epoch++) {
            RandomStream random = RandomStream.of(seed, "batch.margins", epoch, query.getLong(0));
            brought.get(MarginBins.draw(margins, binCount, random)).add(epoch);
          }
          List<Row> drawn = new ArrayList<>();
          for (int i = 0; i < margins.length; i++) {
            drawn.add(RowFactory.create(pairs.get(i).getLong(0), margins.length, brought.get(i)));
          }
          return drawn;
        };
    return samples
        .groupBy("equal_hash")
        .agg(array_sort(collect_list(struct(col("sample"), col("margin")))).as("of_query"))
        .select(inline(udf(draw, DRAWN).apply(struct(col("equal_hash"), col("of_query")))));
  }
}
