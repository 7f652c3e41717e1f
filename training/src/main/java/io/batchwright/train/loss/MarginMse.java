package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A teacher's margin between positive and negative is the target of the student's.
 *
 * <pre>
 * L = (1 / M) * sum over (i, k) of [ scale * (q_i . p_i - q_i . n_ik)  -  (t(q_i, p_i) - t(q_i, n_ik)) ]^2
 * </pre>
 *
 * over the M mined negatives of the global batch. The unit is the square of the teacher's. A pair
 * without mined negatives contributes 0.
 *
 * <p><b>Errors.</b> A batch without mined negatives or without the teacher's scores is refused.
 *
 * <p><b>Deviations from the paper.</b> Our vectors have unit length, so their product lies in [-1,
 * 1]; {@code scale} brings the student's margins to the teacher's unit. Any number of negatives a
 * query.
 *
 * <p><b>Relations.</b> {@link TasDualSupervision} adds the same on in-batch negatives. It uses no
 * in-batch negatives itself, so no mask is needed.
 *
 * @param scale factor of the student's scores, above 0; 1 compares plain products
 */
@Paper(
    title =
        "Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge Distillation",
    arxiv = "2010.02666",
    where = "Margin-MSE")
public record MarginMse(double scale) implements Loss {
  /** Plain products. */
  public static final MarginMse PAPER = new MarginMse(1);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code scale <= 0}
   */
  public MarginMse {
    Check.positive("MarginMse.scale", scale);
  }

  @Override
  public Set<LossInput> needs() {
    return Set.of(LossInput.NEGATIVES, LossInput.TEACHER_SCORES);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    return share(g, pairs, scale, this);
  }

  /** This rank's share of the loss; {@code loss} is who asks, for messages. */
  static Variable share(Graph g, EmbeddingPairs pairs, double scale, Loss loss) {
    GatheredPairs all = pairs.gathered();
    if (all.count() == 0) {
      return g.sum(pairs.queries());
    }
    GatheredNegatives negatives =
        all.negatives().orElseThrow(() -> LossInput.NEGATIVES.missing(loss));
    Teaching.Scores teacher =
        all.teaching().scores().orElseThrow(() -> LossInput.TEACHER_SCORES.missing(loss));
    int from = negatives.firstOf(pairs.rowOffset());
    int to = negatives.firstOf(pairs.rowOffset() + pairs.count());
    int[] own =
        IntStream.range(from, to).map(k -> negatives.owners()[k] - pairs.rowOffset()).toArray();
    double[] target =
        IntStream.range(from, to)
            .mapToDouble(k -> teacher.positives()[negatives.owners()[k]] - teacher.negatives()[k])
            .toArray();

    var rows = g.arena().ints("owners", own, own.length);
    Variable queries = g.gatherRows(pairs.queries(), rows); // [m, D]
    Variable positives = g.gatherRows(pairs.positives(), rows); // [m, D]
    Variable differences = g.sub(positives, g.sliceRows(negatives.vectors(), from, to)); // [m, D]
    Variable margins = g.scale(g.sumRows(g.mul(queries, differences)), scale); // [m, 1]
    Variable errors = g.sub(margins, column(g, target, margins)); // [m, 1]
    return g.scale(g.sum(g.mul(errors, errors)), 1.0 / Math.max(1, negatives.count()));
  }

  private static Variable column(Graph g, double[] values, Variable like) {
    var tensor = g.arena().allocate("targets", like.value().dtype(), values.length, 1);
    tensor.copyFrom(values);
    return g.constant(tensor);
  }
}
