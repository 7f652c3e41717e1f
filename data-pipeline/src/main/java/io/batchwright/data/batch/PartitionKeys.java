package io.batchwright.data.batch;

import java.util.Arrays;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;

/**
 * The inverse of {@code Dataset.repartition(partitions, column)}: for each partition an integer
 * that Spark sends there.
 *
 * <p>Spark 4.1 has {@code repartitionById} for this, Spark 4.0 has not. Both place a row by Murmur3
 * of its columns with seed 42, modulo the number of partitions.
 */
final class PartitionKeys {
  /** The seed of Spark's {@code hash} function and of its hash partitioning. */
  private static final int SEED = 42;

  private PartitionKeys() {}

  /** The smallest such integer of each partition; finds them in about n ln n steps. */
  static int[] of(int partitions) {
    int[] keys = new int[partitions];
    Arrays.fill(keys, -1);
    int found = 0;
    for (int key = 0; found < partitions; key++) {
      int partition = Math.floorMod(Murmur3_x86_32.hashInt(key, SEED), partitions);
      if (keys[partition] < 0) {
        keys[partition] = key;
        found++;
      }
    }
    return keys;
  }
}
