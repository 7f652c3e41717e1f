package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;

/**
 * In-batch negatives: each query must find its own positive among the positives of the whole global
 * batch.
 *
 * <pre>
 * L = (1 / N) * sum over i of [ log sum over j in C(i) of exp(q_i . p_j / tau)  -  q_i . p_i / tau ]
 * </pre>
 *
 * where {@code C(i)} holds {@code i} itself and every pair that is not masked. With {@code
 * symmetric} the same from positives to queries, and the mean of the two. Shapes: queries [b, D]
 * against gathered positives [N, D] give scores [b, N]. The unit is nats. A masked score is minus
 * infinity and takes no part; a row without negatives contributes 0.
 *
 * <p><b>Errors.</b> The constructor checks ranges; nothing is thrown for batches of any size.
 *
 * <p><b>Deviations from the paper.</b> The paper scores by a bilinear form against sampled
 * negatives; as is usual since, the score is the cosine over a fixed temperature and the negatives
 * are the batch. The default temperature is that of sentence-transformers' {@code
 * MultipleNegativesRankingLoss} (scale 20). The masks are ours.
 *
 * <p><b>Relations.</b> {@link Matryoshka} applies it to prefixes of the vectors.
 *
 * <p><b>Recommendations.</b> Keep both masks on: a batch that holds the same positive twice
 * otherwise punishes the right answer.
 *
 * @param temperature {@code tau}, above 0
 * @param symmetric whether positives must find their queries too
 * @param samePositiveMask whether pairs with the same positive id are no negatives of each other
 * @param equalHashMask whether pairs with the same equal hash are no negatives of each other
 */
@Paper(
    title = "Representation Learning with Contrastive Predictive Coding",
    arxiv = "1807.03748",
    where = "Equation 4")
public record InfoNce(
    double temperature, boolean symmetric, boolean samePositiveMask, boolean equalHashMask)
    implements Loss {
  /** Temperature 0.05, from queries to positives, both masks. */
  public static final InfoNce PAPER = new InfoNce(0.05, false, true, true);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code temperature <= 0}
   */
  public InfoNce {
    Check.positive("InfoNce.temperature", temperature);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    GatheredPairs all = pairs.gathered();
    if (all.count() == 0) {
      return g.sum(pairs.queries());
    }
    NegativeMask mask = NegativeMask.of(g, pairs, samePositiveMask, equalHashMask);
    Variable sum = direction(g, pairs.queries(), all.positives(), mask);
    if (symmetric) {
      sum = g.add(sum, direction(g, pairs.positives(), all.queries(), mask));
    }
    return g.scale(sum, 1.0 / ((symmetric ? 2.0 : 1.0) * all.count()));
  }

  private Variable direction(Graph g, Variable anchors, Variable candidates, NegativeMask mask) {
    Variable scores = g.matmul(anchors, false, candidates, true, 1 / temperature); // [b, N]
    Variable total = g.logSumExpRows(scores, mask.allowed()); // [b]
    Variable own = g.pick(scores, mask.ownColumns()); // [b]
    return g.sum(g.sub(total, own));
  }
}
