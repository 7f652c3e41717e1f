package io.batchwright.data.batch;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Like {@link RandomBatches}, but no two samples of a step share their query's text ({@code
 * equal_hash}) or their positive: each would be a false negative of the other.
 *
 * <p>Each shuffled bucket is cut into windows of 64 steps. In a window, each sample goes to the
 * first step with room that does not hold its like. Steps that do not fill up, and the samples that
 * found none, form new windows, until one window is left; its last steps are dropped or kept as
 * {@code dropLast} says, and a sample that no step takes is dropped (reason {@code
 * duplicate_in_step}). Windows depend on ranks in the shuffle, not on Spark's partitions.
 *
 * <p><b>Deviations from the reference:</b> sentence-transformers goes through one list, tries a
 * skipped sample again in the next batch, and counts its batches as if nothing were skipped; here
 * the number of steps is exact and no process holds all samples.
 *
 * <p>Relations: a loss that masks by {@code equal_hash} makes such negatives harmless in {@link
 * RandomBatches} too, at the price of fewer negatives.
 *
 * @param pairsPerStep samples of a step over all ranks; at least 1
 * @param dropLast whether incomplete steps are dropped (reason {@code partial_step})
 */
@Paper(
    title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
    arxiv = "1908.10084",
    where = "NoDuplicatesBatchSampler of sentence-transformers")
public record NoDuplicates(int pairsPerStep, boolean dropLast) implements BatchPolicy {
  /** 1,024 pairs a step. */
  public static final NoDuplicates PAPER = new NoDuplicates(1_024, true);

  /** Checks the ranges. */
  public NoDuplicates {
    Check.atLeast("NoDuplicates.pairsPerStep", pairsPerStep, 1);
  }

  @Override
  public Plan plan(Dataset<Row> samples, PlanKey key) {
    Plan.requireBuckets(samples);
    return new UniqueSteps(this, key).plan(samples);
  }
}
