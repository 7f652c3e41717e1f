package io.batchwright.data.batch;

import java.util.Arrays;
import java.util.SortedMap;

/**
 * What one rank trains on in one step. Every rank gets one for every step; it may hold no samples.
 *
 * @param epoch the epoch, from 0
 * @param step the step within the epoch, from 0
 * @param positions the samples' places in the global batch, [B]
 * @param samples the samples' ordinals in the samples table, [B]
 * @param equalHash samples with the same value are never negatives of each other, [B]
 * @param weights the samples' weights in the loss, [B]
 * @param knownPositives what answers the samples' queries besides their own positives
 * @param roles the texts by role; each sample has the same number of texts of a role, in the order
 *     of {@code positions}
 */
public record StepBatch(
    int epoch,
    long step,
    int[] positions,
    long[] samples,
    long[] equalHash,
    float[] weights,
    KnownPositives knownPositives,
    SortedMap<String, RoleBatch> roles) {

  /** Samples whose queries have one positive each. */
  public StepBatch(
      int epoch,
      long step,
      int[] positions,
      long[] samples,
      long[] equalHash,
      float[] weights,
      SortedMap<String, RoleBatch> roles) {
    this(epoch, step, positions, samples, equalHash, weights, KnownPositives.ABSENT, roles);
  }

  /** The number of samples. */
  public int size() {
    return samples.length;
  }

  /**
   * The texts of {@code name}.
   *
   * @throws IllegalArgumentException if the shards hold no such role
   */
  public RoleBatch role(String name) {
    RoleBatch role = roles.get(name);
    if (role == null) {
      throw new IllegalArgumentException(
          "no role " + name + " in the shards, only " + roles.keySet());
    }
    return role;
  }

  /**
   * Each text's place among all texts of its role in the global batch, the same however the batch
   * is spread over ranks: [S].
   */
  public int[] places(String name) {
    int texts = role(name).sequences();
    int[] places = new int[texts];
    int each = texts == 0 ? 0 : texts / size();
    Arrays.setAll(places, i -> positions[i / each] * each + i % each);
    return places;
  }
}
