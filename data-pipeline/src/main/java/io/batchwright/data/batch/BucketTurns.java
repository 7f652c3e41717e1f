package io.batchwright.data.batch;

import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/** In which order the buckets of samples come, epoch by epoch. */
interface BucketTurns extends Serializable {
  /** By their numbers; a step has the shape of its bucket. */
  BucketTurns BY_NUMBER =
      new BucketTurns() {
        private static final long serialVersionUID = 1L;

        @Override
        public IntUnaryOperator in(PlanKey key) {
          return IntUnaryOperator.identity();
        }

        @Override
        public int shape(int turn) {
          return turn;
        }
      };

  /** The turn of each bucket, from its number; no two have the same. */
  IntUnaryOperator in(PlanKey key);

  /** The shape of a step with samples of one bucket alone. */
  int shape(int turn);

  /**
   * The samples of each bucket, by its turn.
   *
   * @param counts by its number
   */
  default SortedMap<Integer, Long> counts(SortedMap<Integer, Long> counts, PlanKey key) {
    IntUnaryOperator turns = in(key);
    SortedMap<Integer, Long> byTurn = new TreeMap<>();
    counts.forEach((bucket, count) -> byTurn.put(turns.applyAsInt(bucket), count));
    return byTurn;
  }
}
