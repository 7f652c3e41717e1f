package io.batchwright.data.cluster;

import java.util.Arrays;

/**
 * A partition of the numbers 0 .. N-1.
 *
 * @param members the numbers, cluster after cluster, ascending within each
 * @param starts where each cluster starts in {@code members}, and the end of the last, [K + 1]
 */
public record Clusters(int[] members, int[] starts) {
  /** The number of clusters, K. */
  public int count() {
    return starts.length - 1;
  }

  /** The members of one cluster, ascending. */
  public int[] of(int cluster) {
    return Arrays.copyOfRange(members, starts[cluster], starts[cluster + 1]);
  }

  /** The size of the smallest cluster. */
  public int smallest() {
    int smallest = Integer.MAX_VALUE;
    for (int cluster = 0; cluster < count(); cluster++) {
      smallest = Math.min(smallest, starts[cluster + 1] - starts[cluster]);
    }
    return count() == 0 ? 0 : smallest;
  }

  /** The size of the largest cluster. */
  public int largest() {
    int largest = 0;
    for (int cluster = 0; cluster < count(); cluster++) {
      largest = Math.max(largest, starts[cluster + 1] - starts[cluster]);
    }
    return largest;
  }
}
