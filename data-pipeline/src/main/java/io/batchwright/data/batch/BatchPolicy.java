package io.batchwright.data.batch;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which samples train together: the batches of an epoch as a table. */
public sealed interface BatchPolicy extends Serializable
    permits RandomBatches,
        NoDuplicates,
        GroupByLabel,
        Tas,
        TasBalanced,
        Ngame,
        Sample4Geo,
        CustomBatchPolicy {

  /** The version of the plans that the members of this package make. */
  int VERSION = 1;

  /** The samples of a full step, over all ranks. */
  int pairsPerStep();

  /**
   * Plans one epoch. The result is a pure function of {@code key}, this recipe and the samples; no
   * sample appears twice, and every sample is in the plan or in {@link Plan#removed()}.
   *
   * @param samples {@link io.batchwright.data.Tables#SAMPLES} with the column {@code bucket} that a
   *     {@link io.batchwright.data.bucket.Bucketing} adds
   */
  Plan plan(Dataset<Row> samples, PlanKey key);

  /**
   * The plans of several epochs of the same samples, each equal to that of {@link #plan}: what does
   * not change from epoch to epoch, such as neighbours, is made once.
   *
   * @return plans by key, on the driver; it may hold what it needs of the samples in memory
   */
  default Function<PlanKey, Plan> epochs(Dataset<Row> samples) {
    return key -> plan(samples, key);
  }

  /**
   * Plans the epochs of a range, each as {@link #plan} does, cut where the range says.
   *
   * @param samples as of {@link #plan}
   */
  default EpochPlans plan(Dataset<Row> samples, EpochRange range) {
    return EpochPlans.oneByOne(epochs(samples), samples, range);
  }

  /** Columns that the samples need besides those of the table. */
  default Set<SampleColumn> needs() {
    return Set.of();
  }

  /** What plans as long as there are no vectors; this policy itself where it needs none. */
  default BatchPolicy withoutVectors() {
    return this;
  }

  /**
   * Figures of the recipe itself for a run's record, by name.
   *
   * @param samples their number
   * @param epochs of the run, at least 1
   */
  default Map<String, Double> figures(int samples, int epochs) {
    return Map.of();
  }
}
