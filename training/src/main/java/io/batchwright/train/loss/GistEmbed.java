package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.Set;

/**
 * In-batch negatives that a guide model agrees with: a candidate that the guide finds closer to the
 * anchor than the true positive is taken out.
 *
 * <pre>
 * t_i = g(q_i, p_i)
 * L = (1 / N) * sum over i of [ log sum over c in C(i) of exp(s_c / tau)  -  q_i . p_i / tau ]
 * C(i) = p_i, and of (q_i, p_j), (q_i, n_k), (q_i, q_j), (p_i, p_j) those pairs with
 *        g <= t_i - margin              (ABSOLUTE)
 *        g <= t_i - |t_i| * margin      (RELATIVE)
 * </pre>
 *
 * where {@code g} is the cosine of the guide's vectors. Guide vectors are columns of the data, made
 * once; their similarities are one matrix product per block: guide queries [b, G] against guide
 * candidates [C, G]. The own positive is known by its position on whichever rank it lies and never
 * taken out. A masked score is minus infinity; a row without negatives contributes 0. In nats.
 *
 * <p><b>Errors.</b> A batch without guide vectors is refused.
 *
 * <p><b>Deviations from the paper.</b> The paper has no margin; it is that of
 * sentence-transformers' {@code GISTEmbedLoss}. Candidates come from all ranks. The id masks are
 * ours and work besides the guide's.
 *
 * <p><b>Relations.</b> With a guide that never objects it is {@link InfoNce} with {@code
 * queryNegatives} and the (positive, positive) pairs in the same sum.
 *
 * <p><b>Recommendations.</b> Useful where unlabelled answers are common; otherwise the same as
 * without it. For retrieval, try {@code contrastPositives: false}.
 *
 * @param temperature {@code tau}, above 0
 * @param marginKind how the margin is read
 * @param margin how far below the positive a negative must be for the guide; at least 0
 * @param contrastQueries whether other queries are negatives of a query
 * @param contrastPositives whether other positives are negatives of the positive
 * @param samePositiveMask whether texts that are known to answer the query, its positive or another
 *     pair's, are no negatives
 * @param equalHashMask whether pairs with the same equal hash are no negatives of each other
 */
@Paper(
    title = "GISTEmbed: Guided In-sample Selection of Training Negatives for Text Embedding",
    arxiv = "2402.16829",
    where = "guided in-sample selection")
public record GistEmbed(
    double temperature,
    MarginKind marginKind,
    double margin,
    boolean contrastQueries,
    boolean contrastPositives,
    boolean samePositiveMask,
    boolean equalHashMask)
    implements Loss {
  /** Temperature 0.01, no margin, all four blocks, both masks. */
  public static final GistEmbed PAPER =
      new GistEmbed(0.01, MarginKind.ABSOLUTE, 0, true, true, true, true);

  /** How a margin below the positive's similarity t is read. */
  public enum MarginKind {
    /** {@code t - margin}. */
    ABSOLUTE,
    /** {@code t - |t| * margin}. */
    RELATIVE
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code temperature <= 0} or {@code margin < 0}
   */
  public GistEmbed {
    Check.positive("GistEmbed.temperature", temperature);
    Check.that(marginKind != null, "GistEmbed.marginKind", "must be given");
    Check.atLeast("GistEmbed.margin", margin, 0);
  }

  @Override
  public Set<LossInput> needs() {
    return Set.of(LossInput.GUIDE);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    GatheredPairs all = pairs.gathered();
    if (all.count() == 0) {
      return g.sum(pairs.queries());
    }
    Teaching.Guide guide = all.teaching().guide().orElseThrow(() -> LossInput.GUIDE.missing(this));
    FalseNegatives falseNegatives = new FalseNegatives(all, samePositiveMask, equalHashMask);
    GuideSimilarities guided = new GuideSimilarities(g, pairs);

    Candidates ofQueries = Candidates.ofQueries(pairs, falseNegatives);
    ofQueries.positives(true);
    guided.add(guide.positives());
    if (all.negatives().isPresent()) {
      ofQueries.negatives();
      guided.add(guide.negatives());
    }
    if (contrastQueries) {
      ofQueries.queries(false);
      guided.add(guide.queries());
    }
    int[] own = ofQueries.own(0);
    double[] limits = limits(guided.of(guide.queries()), own);
    Candidates.Scored scored = ofQueries.score(g, pairs.queries(), 1 / temperature); // [b, C]
    guided.exclude(scored.mask(), limits, own);
    Candidates.Scored together = scored;
    if (contrastPositives) {
      Candidates ofPositives = Candidates.ofPositives(pairs, falseNegatives);
      ofPositives.positives(false);
      Candidates.Scored others = ofPositives.score(g, pairs.positives(), 1 / temperature);
      GuideSimilarities ofGuide = new GuideSimilarities(g, pairs);
      ofGuide.add(guide.positives());
      ofGuide.of(guide.positives());
      ofGuide.exclude(others.mask(), limits, null);
      together = scored.beside(g, others); // [b, C + N]
    }
    Variable positive = scored.pick(g, own); // [b]
    return g.scale(g.sum(g.sub(together.logSumExp(g), positive)), 1.0 / all.count());
  }

  /** What a candidate's similarity may be at most, row by row. */
  private double[] limits(double[] similarities, int[] own) {
    double[] limits = new double[own.length];
    int width = own.length == 0 ? 0 : similarities.length / own.length;
    for (int i = 0; i < own.length; i++) {
      double ofPositive = similarities[i * width + own[i]];
      limits[i] =
          marginKind == MarginKind.ABSOLUTE
              ? ofPositive - margin
              : ofPositive - Math.abs(ofPositive) * margin;
    }
    return limits;
  }
}
