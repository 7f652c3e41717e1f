package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;

/**
 * Contrastive learning whose denominator does not hold the positive, so that small batches do not
 * damp the gradient of easy pairs.
 *
 * <pre>
 * L = (1 / 2N) * sum over i of [ log sum over c in C(q_i) of exp(q_i . c / tau)
 *                              + log sum over c in C(p_i) of exp(p_i . c / tau)  -  2 * q_i . p_i / tau ]
 * </pre>
 *
 * where both sets hold the queries and positives of all other pairs that are not masked, and {@code
 * C(q_i)} the mined negatives too. Scores [b, 2N + M]. In nats; below 0 where the positive is far
 * ahead. A masked score is minus infinity, whatever the temperature; a row without negatives
 * contributes 0.
 *
 * <p><b>Errors.</b> The constructor checks ranges; nothing is thrown for batches of any size.
 *
 * <p><b>Deviations from the paper.</b> The paper sums over the two views, here it is their mean, so
 * that the learning rate means the same as for a symmetric {@link InfoNce}. Candidates come from
 * all ranks. The id masks are ours.
 *
 * <p><b>Relations.</b> {@link InfoNce} keeps the positive in the sum; {@link Dclw} weights pairs by
 * their similarity.
 *
 * @param temperature {@code tau}, above 0
 * @param samePositiveMask whether texts that are known to answer the query, its positive or another
 *     pair's, are no negatives
 * @param equalHashMask whether pairs with the same equal hash are no negatives of each other
 */
@Paper(title = "Decoupled Contrastive Learning", arxiv = "2110.06848", where = "L_DC")
public record Dcl(double temperature, boolean samePositiveMask, boolean equalHashMask)
    implements Loss {
  /** Temperature 0.1, both masks. */
  public static final Dcl PAPER = new Dcl(0.1, true, true);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code temperature <= 0}
   */
  public Dcl {
    Check.positive("Dcl.temperature", temperature);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    if (pairs.gathered().count() == 0) {
      return g.sum(pairs.queries());
    }
    Variable attraction = g.scale(own(g, pairs), 1 / temperature); // [b, 1]
    return decoupled(
        g,
        pairs,
        temperature,
        new FalseNegatives(pairs.gathered(), samePositiveMask, equalHashMask),
        attraction);
  }

  /** {@code q_i . p_i} of each local pair, [b, 1]. */
  static Variable own(Graph g, EmbeddingPairs pairs) {
    return g.sumRows(g.mul(pairs.queries(), pairs.positives()));
  }

  /**
   * This rank's share of the loss with the pull {@code attraction} between query and positive.
   *
   * @param attraction [b, 1]
   */
  static Variable decoupled(
      Graph g,
      EmbeddingPairs pairs,
      double temperature,
      FalseNegatives falseNegatives,
      Variable attraction) {
    GatheredPairs all = pairs.gathered();
    Candidates ofQueries = Candidates.ofQueries(pairs, falseNegatives);
    ofQueries.positives(false);
    ofQueries.negatives();
    ofQueries.queries(false);
    Candidates ofPositives = Candidates.ofPositives(pairs, falseNegatives);
    ofPositives.queries(false);
    ofPositives.positives(false);
    Variable sum =
        g.add(
            view(g, pairs.queries(), ofQueries, temperature, attraction),
            view(g, pairs.positives(), ofPositives, temperature, attraction));
    return g.scale(sum, 1.0 / (2.0 * all.count()));
  }

  private static Variable view(
      Graph g, Variable anchors, Candidates candidates, double temperature, Variable attraction) {
    CandidateMask mask = candidates.mask();
    int[] chosen = mask.rowsWithAny();
    var rows = g.arena().ints("rows", chosen, chosen.length);
    Variable repelled = g.gatherRows(anchors, rows); // [r, D]
    Variable scores =
        g.matmul(repelled, false, candidates.rows(g), true, 1 / temperature); // [r, C]
    Variable total = g.logSumExpRows(scores, mask.rows(chosen).tensor(g.arena())); // [r]
    return g.sub(g.sum(total), g.sum(g.gatherRows(attraction, rows)));
  }
}
