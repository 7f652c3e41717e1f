package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.ConditionalSettings;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.Map;

/**
 * In-batch negatives: each query must find its own positive among the positives and the mined
 * negatives of the whole global batch.
 *
 * <pre>
 * L = (1 / N) * sum over i of [ log sum over c in C(i) of exp(q_i . c / tau)  -  q_i . p_i / tau ]
 * </pre>
 *
 * where {@code C(i)} holds {@code p_i} itself and every other positive and every mined negative
 * that is not masked; with {@code queryNegatives} the other queries too. With {@code symmetric} the
 * same from positives to queries, there with {@code positiveNegatives} against the other positives
 * too, and the mean of the two. Shapes: queries [b, D] against candidates [C, D] give scores [b,
 * C]. The unit is nats. A masked score is minus infinity and takes no part; a row without negatives
 * contributes 0. Memory: a matrix of scores of more than 64 MiB (4,096 queries against as many
 * texts) is never held; its tiles are computed again on the way back.
 *
 * <p><b>Errors.</b> The constructor checks ranges; nothing is thrown for batches of any size.
 *
 * <p><b>Deviations from the paper.</b> The paper scores by a bilinear form against sampled
 * negatives; as is usual since, the score is the cosine over a fixed temperature and the negatives
 * are the batch. The default temperature is that of sentence-transformers' {@code
 * MultipleNegativesRankingLoss} (scale 20). The masks are ours.
 *
 * <p><b>Relations.</b> {@link Matryoshka} applies it to prefixes of the vectors; {@link GistEmbed}
 * lets a guide take out more candidates; {@link Dcl} leaves the positive out of the sum.
 *
 * <p><b>Recommendations.</b> Keep both masks on: a batch that holds the same positive twice
 * otherwise punishes the right answer.
 *
 * @param temperature {@code tau}, above 0
 * @param symmetric whether positives must find their queries too
 * @param queryNegatives whether other queries are negatives of a query
 * @param positiveNegatives whether other positives are negatives of a positive; without {@code
 *     symmetric} it has no effect
 * @param samePositiveMask whether texts that are known to answer the query, its positive or another
 *     pair's, are no negatives
 * @param equalHashMask whether pairs with the same equal hash are no negatives of each other
 */
@Paper(
    title = "Representation Learning with Contrastive Predictive Coding",
    arxiv = "1807.03748",
    where = "Equation 4")
public record InfoNce(
    double temperature,
    boolean symmetric,
    boolean queryNegatives,
    boolean positiveNegatives,
    boolean samePositiveMask,
    boolean equalHashMask)
    implements Loss, ConditionalSettings {
  /** Temperature 0.05, from queries to positives, both masks. */
  public static final InfoNce PAPER = new InfoNce(0.05, false, true, true);

  /** Scores up to this size are kept; larger ones are computed tile by tile, twice. */
  private static final long WHOLE_BYTES = 64L << 20;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code temperature <= 0}
   */
  public InfoNce {
    Check.positive("InfoNce.temperature", temperature);
  }

  /** Without negatives among queries and among positives. */
  public InfoNce(
      double temperature, boolean symmetric, boolean samePositiveMask, boolean equalHashMask) {
    this(temperature, symmetric, false, false, samePositiveMask, equalHashMask);
  }

  @Override
  public Map<String, String> withoutEffect() {
    return symmetric ? Map.of() : Map.of("positiveNegatives", "symmetric is false");
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    GatheredPairs all = pairs.gathered();
    if (all.count() == 0) {
      return g.sum(pairs.queries());
    }
    FalseNegatives falseNegatives = new FalseNegatives(all, samePositiveMask, equalHashMask);
    Candidates ofQueries = Candidates.ofQueries(pairs, falseNegatives);
    ofQueries.positives(true);
    ofQueries.negatives();
    if (queryNegatives) {
      ofQueries.queries(false);
    }
    Variable sum = direction(g, pairs.queries(), ofQueries);
    if (symmetric) {
      Candidates ofPositives = Candidates.ofPositives(pairs, falseNegatives);
      ofPositives.queries(true);
      if (positiveNegatives) {
        ofPositives.positives(false);
      }
      sum = g.add(sum, direction(g, pairs.positives(), ofPositives));
    }
    return g.scale(sum, 1.0 / ((symmetric ? 2.0 : 1.0) * all.count()));
  }

  private Variable direction(Graph g, Variable anchors, Candidates candidates) {
    return candidates.crossEntropy(g, anchors, 1 / temperature, 0, WHOLE_BYTES);
  }
}
