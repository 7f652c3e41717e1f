package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.EnumSet;
import java.util.Set;

/**
 * Two teachers: one judges each query with its own texts, the other all queries with all texts of
 * the batch.
 *
 * <pre>
 * L = MarginMSE(own texts, pairwise teacher)
 *   + inBatchWeight * 1/2 * [ MSE over (i, j != i) of (s_ii - s_ij) - (g_ii - g_ij)
 *                           + MSE over (i, k of others) of (s_ii - s(q_i, n_k)) - (g_ii - g(q_i, n_k)) ]
 * </pre>
 *
 * with {@code s} the student's product times {@code scale} and {@code g} the product of the guide's
 * vectors times {@code guideScale}. Scores [b, N] and [b, M]. The unit is the square of the
 * teacher's. Each mean is over the whole global batch; a part without entries is 0.
 *
 * <p><b>Errors.</b> A batch without mined negatives, teacher's scores or guide vectors is refused.
 *
 * <p><b>Deviations from the paper.</b> The second teacher is a ColBERT model that scores every
 * batch anew; ours is any model with one vector a text, computed once before training. {@code
 * scale} is for vectors of unit length. The batch spans all ranks.
 *
 * <p><b>Relations.</b> The first term is {@link MarginMse}. False negatives need no mask: their
 * target margin is small.
 *
 * @param scale factor of the student's products, above 0
 * @param guideScale factor of the guide's products, above 0
 * @param inBatchWeight weight of the second teacher, at least 0
 */
@Paper(
    title = "Efficiently Teaching an Effective Dense Retriever with Balanced Topic Aware Sampling",
    arxiv = "2104.06967",
    where = "dual supervision, weighted as in the authors' code")
public record TasDualSupervision(double scale, double guideScale, double inBatchWeight)
    implements Loss {
  /** Plain products, and 0.75 for the second teacher. */
  public static final TasDualSupervision PAPER = new TasDualSupervision(1, 1, 0.75);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a factor is not positive or the weight is negative
   */
  public TasDualSupervision {
    Check.positive("TasDualSupervision.scale", scale);
    Check.positive("TasDualSupervision.guideScale", guideScale);
    Check.atLeast("TasDualSupervision.inBatchWeight", inBatchWeight, 0);
  }

  @Override
  public Set<LossInput> needs() {
    return EnumSet.allOf(LossInput.class);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    GatheredPairs all = pairs.gathered();
    Variable ownTexts = MarginMse.share(g, pairs, scale, this);
    if (all.count() == 0) {
      return ownTexts;
    }
    Teaching.Guide guide = all.teaching().guide().orElseThrow(() -> LossInput.GUIDE.missing(this));
    GatheredNegatives negatives = all.negatives().orElseThrow();
    int n = all.count();
    int m = negatives.count();
    Variable ofPositives =
        meanSquare(g, pairs, all.positives(), guide.positives(), (i, j) -> i != j, n * (n - 1L));
    Variable ofNegatives =
        meanSquare(
            g,
            pairs,
            negatives.vectors(),
            guide.negatives(),
            (i, k) -> negatives.owners()[k] != i,
            m * (n - 1L));
    return g.add(ownTexts, g.scale(g.add(ofPositives, ofNegatives), inBatchWeight / 2));
  }

  /** Which entries of a matrix count. */
  private interface Inside {
    boolean test(int row, int column);
  }

  /** This rank's part of the mean over the {@code counted} entries that are {@code inside}. */
  private Variable meanSquare(
      Graph g,
      EmbeddingPairs pairs,
      Variable candidates,
      Tensor guideCandidates,
      Inside inside,
      long counted) {
    Teaching.Guide guide = pairs.gathered().teaching().guide().orElseThrow();
    int from = pairs.rowOffset();
    int to = from + pairs.count();
    Variable student = margins(g, pairs.queries(), pairs.positives(), candidates, scale); // [b, C]
    Variable teacher =
        margins(
            g,
            g.constant(guide.queries().rows(from, to)),
            g.constant(guide.positives().rows(from, to)),
            g.constant(guideCandidates),
            guideScale); // [b, C]
    Variable errors = g.mul(g.sub(student, teacher), weights(g, student, from, inside));
    return g.scale(g.sum(g.mul(errors, errors)), 1.0 / Math.max(1, counted));
  }

  /** {@code scale * (q_i . c_j - q_i . p_i)} for all i and j. */
  private static Variable margins(
      Graph g, Variable queries, Variable positives, Variable candidates, double scale) {
    Variable scores = g.matmul(queries, false, candidates, true, scale); // [b, C]
    Variable own = g.scale(g.sumRows(g.mul(queries, positives)), scale); // [b, 1]
    return g.sub(scores, own);
  }

  private static Variable weights(Graph g, Variable like, int rowOffset, Inside inside) {
    int columns = like.shape().columns();
    double[] weights = new double[(int) like.shape().elements()];
    for (int at = 0; at < weights.length; at++) {
      weights[at] = inside.test(rowOffset + at / columns, at % columns) ? 1 : 0;
    }
    Tensor tensor = g.arena().allocate("inside", like.value().dtype(), like.shape());
    tensor.copyFrom(weights);
    return g.constant(tensor);
  }
}
