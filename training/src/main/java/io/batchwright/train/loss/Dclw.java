package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;

/**
 * {@link Dcl} with more pull on pairs that are still far apart.
 *
 * <pre>
 * w_i = 2 - exp(q_i . p_i / sigma) / mean over j of exp(q_j . p_j / sigma)
 * </pre>
 *
 * multiplies {@code q_i . p_i / tau} of {@link Dcl}. The mean is over the global batch, so the
 * weights have mean 1; the gradient flows through them. Shapes, masks and unit as there.
 *
 * <p><b>Deviations from the paper.</b> As {@link Dcl}.
 *
 * <p><b>Relations.</b> With a large {@code sigma} it becomes {@link Dcl}.
 *
 * @param temperature {@code tau}, above 0
 * @param sigma how sharply the weight falls with the similarity, above 0
 * @param samePositiveMask whether texts that are known to answer the query, its positive or another
 *     pair's, are no negatives
 * @param equalHashMask whether pairs with the same equal hash are no negatives of each other
 */
@Paper(
    title = "Decoupled Contrastive Learning",
    arxiv = "2110.06848",
    where = "L_DCW with the negative von Mises-Fisher weighting")
public record Dclw(
    double temperature, double sigma, boolean samePositiveMask, boolean equalHashMask)
    implements Loss {
  /** Temperature 0.1, sigma 0.5, both masks. */
  public static final Dclw PAPER = new Dclw(0.1, 0.5, true, true);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code temperature} or {@code sigma} is not positive
   */
  public Dclw {
    Check.positive("Dclw.temperature", temperature);
    Check.positive("Dclw.sigma", sigma);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    GatheredPairs all = pairs.gathered();
    if (all.count() == 0) {
      return g.sum(pairs.queries());
    }
    Variable own = Dcl.own(g, pairs); // [b, 1]
    Variable mean =
        g.mean(exponential(g, g.sumRows(g.mul(all.queries(), all.positives())))); // scalar
    Variable weights = g.shift(g.scale(g.div(exponential(g, own), mean), -1), 2); // [b, 1]
    return Dcl.decoupled(
        g,
        pairs,
        temperature,
        new FalseNegatives(all, samePositiveMask, equalHashMask),
        g.scale(g.mul(weights, own), 1 / temperature));
  }

  /** Less the largest possible cosine, which the ratio does not feel, so that nothing overflows. */
  private Variable exponential(Graph g, Variable similarities) {
    return g.exp(g.scale(g.shift(similarities, -1), 1 / sigma));
  }
}
