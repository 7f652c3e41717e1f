package io.batchwright.kernel.cpu;

import io.batchwright.kernel.SearchKernels;
import io.batchwright.tensor.Tensor;

/**
 * {@link SearchKernels}: each better score is moved up to its place. Search itself looks through
 * scores that the host can see in a faster way, by a heap; this is what a GPU is held against.
 */
final class CpuSearch implements SearchKernels {
  private final Workers workers;

  CpuSearch(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void keepBest(Tensor scores, int columns, int first, Tensor best, Tensor ordinals) {
    workers.rows(
        best.shape().dim(0),
        columns,
        (from, to) ->
            keepBest(
                scores, columns, first, best, ordinals, (int) from, (int) to, workers.scratch()));
  }

  private static void keepBest(
      Tensor scores,
      int columns,
      int first,
      Tensor best,
      Tensor ordinals,
      int from,
      int to,
      Scratch scratch) {
    int k = best.shape().dim(1);
    float[] row = scratch.floatRow(Slots.SCORES, columns);
    float[] kept = scratch.floatRow(Slots.SCORES_OTHER, k);
    int[] names = scratch.intRow(Slots.ORDER, k);
    for (int b = from; b < to; b++) {
      long bestAt = CpuMemory.addressOf(best) + 4L * b * k;
      long ordinalsAt = CpuMemory.addressOf(ordinals) + 4L * b * k;
      OffHeap.get(CpuMemory.addressOf(scores) + 4L * b * scores.shape().dim(1), row, columns);
      OffHeap.get(bestAt, kept, k);
      OffHeap.get(ordinalsAt, names, k);
      for (int c = 0; c < columns; c++) {
        if (row[c] > kept[k - 1]) {
          insert(row[c], first + c, kept, names, k);
        }
      }
      OffHeap.put(kept, bestAt, k);
      OffHeap.put(names, ordinalsAt, k);
    }
  }

  /** Ordinals rise, so of equal scores the one that is there stays before. */
  private static void insert(float score, int ordinal, float[] kept, int[] names, int k) {
    int at = k - 1;
    while (at > 0 && kept[at - 1] < score) {
      kept[at] = kept[at - 1];
      names[at] = names[at - 1];
      at--;
    }
    kept[at] = score;
    names[at] = ordinal;
  }
}
