package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.ledger.Removed;
import io.batchwright.data.mixture.Mixture;
import io.batchwright.data.mixture.Proportional;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Epochs whose samples a {@link Mixture} draws, planned by a {@link BatchPolicy}.
 *
 * <p>Each source's samples stand in one random order, the same for all epochs. With n samples and a
 * quota of q, epoch e takes those at the places e * q, e * q + 1, ... e * q + q - 1, modulo n: as
 * many as wanted, none twice, and over the epochs each as often as another (but for one). A sample
 * that none of the planned epochs takes is removed once, with the reason {@value #NOT_DRAWN}.
 *
 * <p>Where every quota is all that a source has, the plans are those of the policy alone. It is not
 * for policies that draw pairs of a query ({@link TasBalanced}): a query's pairs would be drawn one
 * by one.
 */
public final class MixedEpochs {
  /** The reason of a sample that its source's quota leaves out of all planned epochs. */
  public static final String NOT_DRAWN = "not_drawn";

  private static final StructType QUOTAS =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("number", DataTypes.IntegerType, false)
          .add("have", DataTypes.LongType, false)
          .add("quota", DataTypes.LongType, false);

  private static final StructType PLACES =
      new StructType()
          .add("sample", DataTypes.LongType, false)
          .add("place", DataTypes.LongType, false)
          .add("have", DataTypes.LongType, false)
          .add("quota", DataTypes.LongType, false);

  private final BatchPolicy policy;
  private final Dataset<Row> samples;
  private final SortedMap<String, Long> rows;
  private final SortedMap<String, Long> quotas;

  private MixedEpochs(
      BatchPolicy policy,
      Dataset<Row> samples,
      SortedMap<String, Long> rows,
      SortedMap<String, Long> quotas) {
    this.policy = policy;
    this.samples = samples;
    this.rows = rows;
    this.quotas = quotas;
  }

  /**
   * Counts the samples of each source, unless they are taken as they are.
   *
   * @param samples as {@link BatchPolicy#plan} wants them
   */
  public static MixedEpochs of(BatchPolicy policy, Mixture mixture, Dataset<Row> samples) {
    SortedMap<String, Long> rows = new TreeMap<>();
    if (!(mixture instanceof Proportional)) {
      samples
          .groupBy("source")
          .count()
          .collectAsList()
          .forEach(row -> rows.put(row.getString(0), row.getLong(1)));
    }
    return new MixedEpochs(policy, samples, rows, rows.isEmpty() ? rows : mixture.quotas(rows));
  }

  /** The samples of each epoch; empty where it takes all. */
  public OptionalLong each() {
    return quotas.equals(rows)
        ? OptionalLong.empty()
        : OptionalLong.of(quotas.values().stream().mapToLong(Long::longValue).sum());
  }

  /** Plans the epochs of a range, as {@link BatchPolicy#plan} does. */
  public EpochPlans plan(EpochRange range) {
    OptionalLong each = each();
    if (each.isEmpty()) {
      return policy.plan(samples, range);
    }
    Dataset<Row> placed = samples.join(places(range.seed()), "sample");
    EpochPlans plans = plan(placed, range, each.getAsLong());
    Dataset<Row> never =
        placed
            .where(from(range.from()).geq(col("quota").multiply(plans.epochs())))
            .select(Removed.columns(col("sample_id"), Plan.NAME, lit(NOT_DRAWN)));
    return new EpochPlans(
        plans.rows(), plans.removed().union(never), plans.epochs(), plans.steps());
  }

  private EpochPlans plan(Dataset<Row> placed, EpochRange range, long each) {
    if (policy instanceof RandomBatches random) {
      Plan.requireBuckets(samples);
      int epochs = range.epochs(random.stepsOf(each));
      return random.plan(
          EpochSamples.drawn(drawn(placed, range.from(), epochs)), range, BucketTurns.BY_NUMBER);
    }
    if (policy instanceof Tas tas) {
      SampleColumn.CLUSTER.require(samples, tas);
      int epochs = range.epochs(tas.random().stepsOf(each));
      Dataset<Row> byCluster = Tas.byCluster(drawn(placed, range.from(), epochs));
      return tas.plan(EpochSamples.drawn(byCluster), range, Tas.clusters(samples));
    }
    return EpochPlans.oneByOne(
        key ->
            policy.plan(
                placed.where(from(key.epoch()).lt(col("quota"))).drop("place", "have", "quota"),
                key),
        samples,
        range);
  }

  /** How far a sample's place is behind the first that an epoch takes. */
  private static Column from(int epoch) {
    return pmod(col("place").minus(col("quota").multiply((long) epoch)), col("have"));
  }

  /** {@code epochs}: those that a sample is in. */
  private static Dataset<Row> drawn(Dataset<Row> placed, int from, int epochs) {
    UDF3<Long, Long, Long, List<Integer>> in =
        (place, have, quota) -> {
          List<Integer> drawn = new ArrayList<>();
          for (int epoch = from; epoch < from + epochs; epoch++) {
            if (Math.floorMod(place - epoch * quota, have) < quota) {
              drawn.add(epoch);
            }
          }
          return drawn;
        };
    return placed
        .withColumn(
            "epochs",
            udf(in, DataTypes.createArrayType(DataTypes.IntegerType, false))
                .apply(col("place"), col("have"), col("quota")))
        .drop("place", "have", "quota");
  }

  /** {@code sample, place, have, quota}: where a sample stands among those of its source. */
  private Dataset<Row> places(long seed) {
    List<Row> sources = new ArrayList<>();
    List<Long> firsts = new ArrayList<>();
    long first = 0;
    for (String source : rows.keySet()) {
      sources.add(RowFactory.create(source, firsts.size(), rows.get(source), quotas.get(source)));
      firsts.add(first);
      first += rows.get(source);
    }
    Dataset<Row> bySource = samples.sparkSession().createDataset(sources, Encoders.row(QUOTAS));
    JavaRDD<Row> places =
        samples
            .select("sample", "source")
            .join(broadcast(bySource), "source")
            .withColumn("draw", xxhash64(lit(seed), lit("mixture"), col("sample")))
            .orderBy("number", "draw", "sample")
            .select("number", "sample", "have", "quota")
            .toJavaRDD()
            .zipWithIndex()
            .map(
                ranked -> {
                  Row row = ranked._1();
                  return RowFactory.create(
                      row.getLong(1),
                      ranked._2() - firsts.get(row.getInt(0)),
                      row.getLong(2),
                      row.getLong(3));
                });
    return samples.sparkSession().createDataFrame(places, PLACES);
  }
}
