package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The mean of a loss over prefixes of the vectors, so that a shortened vector is still good.
 *
 * <pre>L = (1 / |M|) * sum over m in M of loss(normalize(x[0 .. m)))</pre>
 *
 * where {@code M} is {@code D, D / 2, D / 4, ...} down to {@code smallestDims}; halves are rounded
 * down.
 *
 * <p><b>Deviations from the paper.</b> The paper trains classifiers on each prefix; here, as in
 * sentence-transformers' {@code MatryoshkaLoss}, prefixes are scaled to unit length and go through
 * the same loss. All weights are equal, and the loss is their mean, not their sum, so that the
 * learning rate need not change.
 *
 * <p><b>Relations.</b> Wraps any {@link Loss}. {@code truncateDims} of the jobs encode, search and
 * evaluate takes prefixes of finished models.
 *
 * @param loss applied to each prefix
 * @param smallestDims the shortest prefix may not be shorter, at least 1; the full vector always
 *     takes part
 */
@Paper(title = "Matryoshka Representation Learning", arxiv = "2205.13147", where = "Equation 1")
public record Matryoshka(Loss loss, int smallestDims) implements Loss {
  /** The paper's halving down to 8 dims, over InfoNCE. */
  public static final Matryoshka PAPER = new Matryoshka(InfoNce.PAPER, 8);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the loss is missing or a parameter is out of its range
   */
  public Matryoshka {
    Check.that(loss != null, "Matryoshka.loss", "must be given");
    Check.atLeast("Matryoshka.smallestDims", smallestDims, 1);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    List<Integer> prefixes = prefixes(pairs.queries().shape().dim(1));
    Variable sum = loss.apply(g, pairs);
    for (int prefix : prefixes) {
      sum = g.add(sum, loss.apply(g, pairs.map(x -> g.l2Normalize(g.sliceColumns(x, 0, prefix)))));
    }
    return g.scale(sum, 1.0 / (1 + prefixes.size()));
  }

  @Override
  public Set<LossInput> needs() {
    return loss.needs();
  }

  @Override
  public int textsAtOnce() {
    return loss.textsAtOnce();
  }

  private List<Integer> prefixes(int dims) {
    List<Integer> prefixes = new ArrayList<>();
    for (int prefix = dims / 2; prefix >= smallestDims; prefix /= 2) {
      prefixes.add(prefix);
    }
    return prefixes;
  }
}
