package io.batchwright.data.batch;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The partitions of a job that writes the shards of some epochs: those of the first epoch, then
 * those of the next. Which is which stands in the order of {@link Shards.Layout}.
 */
final class ShardPartitions implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Epoch[] epochs;

  /** The first partition of each epoch, and the number of all. */
  private final int[] first;

  private final int[] keys;

  /**
   * One epoch.
   *
   * @param epoch its number
   * @param folder where its files go
   * @param samplesPerStep of each step
   * @param layout which steps of which lane are one partition
   */
  record Epoch(int epoch, String folder, int[] samplesPerStep, Shards.Layout layout)
      implements Serializable {}

  ShardPartitions(List<Epoch> epochs) {
    this.epochs = epochs.toArray(Epoch[]::new);
    this.first = new int[this.epochs.length + 1];
    for (int i = 0; i < this.epochs.length; i++) {
      first[i + 1] = Math.addExact(first[i], this.epochs[i].layout.partitions());
    }
    this.keys = PartitionKeys.of(count());
  }

  int count() {
    return first[epochs.length];
  }

  int[] epochs() {
    return Arrays.stream(epochs).mapToInt(Epoch::epoch).toArray();
  }

  /** What a row is repartitioned by. */
  int key(int epoch, long step, int position) {
    for (int i = 0; i < epochs.length; i++) {
      if (epochs[i].epoch == epoch) {
        int samples = epochs[i].samplesPerStep[Math.toIntExact(step)];
        return keys[first[i] + epochs[i].layout.partitionOf(step, position, samples)];
      }
    }
    throw new IllegalStateException("epoch %d is not written here".formatted(epoch));
  }

  /** What the rows of a partition were repartitioned by. */
  int keyOf(int partition) {
    return keys[partition];
  }

  Epoch epochOf(int partition) {
    return epochs[indexOf(partition)];
  }

  /** The number of a partition among those of its epoch. */
  int within(int partition) {
    return partition - first[indexOf(partition)];
  }

  private int indexOf(int partition) {
    int epoch = 0;
    while (first[epoch + 1] <= partition) {
      epoch++;
    }
    return epoch;
  }
}
