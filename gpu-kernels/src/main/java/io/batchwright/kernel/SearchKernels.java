package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

/** What search does with scores beside computing them. */
public interface SearchKernels {
  /** The most columns of a row that can be kept. */
  int MOST_KEPT = 15_360;

  /**
   * Keeps the best columns of each row while columns stream by, tile after tile: of equal scores
   * the one with the smaller ordinal is the better.
   *
   * @param scores [B, N] (F32); NaN and minus infinity are never kept
   * @param columns how many columns count, at most N
   * @param first ordinal of the first column, at least 0; it rises from call to call, so that what
   *     comes is never before what is kept. This is not checked
   * @param best [B, k] (F32), k in [1, {@value #MOST_KEPT}]: the best scores so far, best first,
   *     minus infinity where there is none yet; updated
   * @param ordinals [B, k] (I32): their ordinals, -1 where there is none yet; updated
   */
  void keepBest(Tensor scores, int columns, int first, Tensor best, Tensor ordinals);
}
