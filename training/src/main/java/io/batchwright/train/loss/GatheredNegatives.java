package io.batchwright.train.loss;

import io.batchwright.train.graph.Variable;
import java.util.function.UnaryOperator;

/**
 * The mined negatives of the whole global batch: those of the first pair, then those of the second,
 * and so on. A pair may have any number of them.
 *
 * @param vectors [M, D] embeddings of all ranks
 * @param ids [M] identity of each text, comparable with {@link GatheredPairs#positiveIds}
 * @param owners [M] the global position of the pair each was mined for, ascending
 */
public record GatheredNegatives(Variable vectors, long[] ids, int[] owners) {
  /**
   * Checks lengths and order.
   *
   * @throws IllegalArgumentException if the columns differ in length or owners go down
   */
  public GatheredNegatives {
    if (vectors.shape().dim(0) != ids.length || owners.length != ids.length) {
      throw new IllegalArgumentException(
          "gathered columns differ in length: %d negatives, %d ids, %d owners"
              .formatted(vectors.shape().dim(0), ids.length, owners.length));
    }
    for (int k = 0; k < owners.length; k++) {
      if (owners[k] < (k == 0 ? 0 : owners[k - 1])) {
        throw new IllegalArgumentException("negatives must come in the order of their pairs");
      }
    }
  }

  void requireOwnersBelow(int pairs) {
    if (owners.length > 0 && owners[owners.length - 1] >= pairs) {
      throw new IllegalArgumentException(
          "a negative belongs to pair %d of %d".formatted(owners[owners.length - 1], pairs));
    }
  }

  GatheredNegatives map(UnaryOperator<Variable> function) {
    return new GatheredNegatives(function.apply(vectors), ids, owners);
  }

  /** The first negative whose pair is not before {@code pair}. */
  int firstOf(int pair) {
    int first = 0;
    while (first < owners.length && owners[first] < pair) {
      first++;
    }
    return first;
  }

  /** The global number of mined negatives, M. */
  public int count() {
    return ids.length;
  }
}
