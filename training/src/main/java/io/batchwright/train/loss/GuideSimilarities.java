package io.batchwright.train.loss;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.List;

/** Cosines of a guide's vectors: this rank's anchors against columns of the global batch. */
final class GuideSimilarities {
  private final Graph g;
  private final EmbeddingPairs pairs;
  private final List<Variable> columns = new ArrayList<>();
  private double[] similarities = new double[0];

  GuideSimilarities(Graph g, EmbeddingPairs pairs) {
    this.g = g;
    this.pairs = pairs;
  }

  /**
   * Adds columns.
   *
   * @param vectors [C_k, G]
   */
  void add(Tensor vectors) {
    columns.add(g.l2Normalize(g.constant(vectors)));
  }

  /**
   * Computes the cosines, one matrix product.
   *
   * @param anchors [N, G] of which this rank's rows are taken
   * @return [b, C], row after row
   */
  double[] of(Tensor anchors) {
    Tensor own = anchors.rows(pairs.rowOffset(), pairs.rowOffset() + pairs.count());
    Variable candidates = columns.size() == 1 ? columns.get(0) : g.concatRows(columns);
    Variable product = g.matmul(g.l2Normalize(g.constant(own)), false, candidates, true, 1);
    similarities = product.value().toDoubles();
    return similarities;
  }

  /**
   * Takes out what is more similar than its row's limit.
   *
   * @param own [b] columns that stay whatever the guide says; null for none
   */
  void exclude(CandidateMask mask, double[] limits, int[] own) {
    for (int row = 0; row < limits.length; row++) {
      for (int column = 0; column < mask.columns(); column++) {
        boolean protectedColumn = own != null && column == own[row];
        if (!protectedColumn && similarities[row * mask.columns() + column] > limits[row]) {
          mask.exclude(row, column);
        }
      }
    }
  }
}
