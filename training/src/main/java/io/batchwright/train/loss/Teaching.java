package io.batchwright.train.loss;

import io.batchwright.tensor.Tensor;
import java.util.Optional;

/**
 * What models other than the trained one say of the texts of the global batch. Both are columns of
 * the data, computed once before training.
 *
 * @param guide vectors of a guide model
 * @param scores a teacher's judgement of each query with its own texts, as a cross-encoder gives it
 */
public record Teaching(Optional<Guide> guide, Optional<Scores> scores) {
  /** No other model. */
  public static final Teaching NONE = new Teaching(Optional.empty(), Optional.empty());

  /**
   * Guide vectors, of any length G; G has nothing to do with the trained model's D.
   *
   * @param queries [N, G]
   * @param positives [N, G]
   * @param negatives [M, G]
   */
  public record Guide(Tensor queries, Tensor positives, Tensor negatives) {}

  /**
   * Scores of (query, text), the more the better, in the teacher's own unit.
   *
   * @param positives [N] of each query with its positive
   * @param negatives [M] of each mined negative with the query it was mined for
   */
  public record Scores(double[] positives, double[] negatives) {}

  void requireSizes(int pairs, int negatives) {
    guide.ifPresent(
        vectors -> {
          requireRows("guide vectors of queries", vectors.queries().shape().dim(0), pairs);
          requireRows("guide vectors of positives", vectors.positives().shape().dim(0), pairs);
          requireRows("guide vectors of negatives", vectors.negatives().shape().dim(0), negatives);
        });
    scores.ifPresent(
        judged -> {
          requireRows("teacher's scores of positives", judged.positives().length, pairs);
          requireRows("teacher's scores of negatives", judged.negatives().length, negatives);
        });
  }

  private static void requireRows(String what, int rows, int expected) {
    if (rows != expected) {
      throw new IllegalArgumentException("%d %s for %d texts".formatted(rows, what, expected));
    }
  }
}
