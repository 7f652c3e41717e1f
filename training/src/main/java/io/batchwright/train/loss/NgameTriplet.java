package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A triplet margin loss over the hardest negatives of the batch, weighted by how hard they are.
 *
 * <pre>
 * l_k = max(0, q_i . c_k - q_i . p_i + margin)       c_k: the K candidates most similar to q_i
 * w   = softmax over k of (q_i . c_k / temperature, or 0 where l_k = 0)
 * L   = (1 / N) * sum over i of (1 / K) * sum over k of w_k * l_k
 * </pre>
 *
 * Candidates are the positives of the other pairs that are not masked, and the mined negatives.
 * Scores [b, N + M]. No unit; between 0 and 2 + margin. A row with fewer than K candidates takes
 * all it has; a row without negatives contributes 0. The choice of the K is a constant of the step;
 * the gradient flows through the weights.
 *
 * <p><b>Errors.</b> The constructor checks ranges; nothing is thrown for batches of any size.
 *
 * <p><b>Deviations from the paper.</b> As the authors' code has it: softmax weights, and the mean
 * over the K. There a batch smaller than K fails. Candidates come from all ranks.
 *
 * <p><b>Relations.</b> Made for batches of one topic; with random batches most {@code l_k} are 0.
 *
 * @param margin how far below the positive a negative must be, above 0
 * @param negatives K, at least 1
 * @param temperature of the weights, above 0
 * @param samePositiveMask whether texts that are known to answer the query, its positive or another
 *     pair's, are no negatives
 * @param equalHashMask whether pairs with the same equal hash are no negatives of each other
 */
@Paper(
    title = "NGAME: Negative Mining-aware Mini-batching for Extreme Classification",
    arxiv = "2207.04452",
    where = "the triplet loss of Module I")
public record NgameTriplet(
    double margin,
    int negatives,
    double temperature,
    boolean samePositiveMask,
    boolean equalHashMask)
    implements Loss {
  /** Margin 0.3, ten negatives, temperature 0.1, both masks. */
  public static final NgameTriplet PAPER = new NgameTriplet(0.3, 10, 0.1, true, true);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public NgameTriplet {
    Check.positive("NgameTriplet.margin", margin);
    Check.atLeast("NgameTriplet.negatives", negatives, 1);
    Check.positive("NgameTriplet.temperature", temperature);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    GatheredPairs all = pairs.gathered();
    if (all.count() == 0) {
      return g.sum(pairs.queries());
    }
    Candidates candidates =
        Candidates.ofQueries(pairs, new FalseNegatives(all, samePositiveMask, equalHashMask));
    candidates.positives(false);
    candidates.negatives();
    Candidates.Scored scored = candidates.score(g, pairs.queries(), 1); // [b, C]
    Hardest hardest = Hardest.of(scored, negatives);
    int rows = hardest.rows.length;
    int most = hardest.most;

    Variable own = g.gatherRows(Dcl.own(g, pairs), ints(g, hardest.rows)); // [r, 1]
    Variable cells =
        g.gatherRows(
            g.reshape(scored.scores(), Shape.of(pairs.count() * candidates.width(), 1)),
            ints(g, hardest.cells)); // [r * K, 1]
    Variable chosen = g.reshape(cells, Shape.of(rows, most)); // [r, K]
    Variable losses = g.relu(g.shift(g.sub(chosen, own), margin)); // [r, K]
    Variable logits =
        g.scale(g.mul(chosen, constant(g, chosen, hardest.violated(losses))), 1 / temperature);
    Variable weights =
        g.softmaxRows(logits, g.arena().ints("real", hardest.real, rows, most)); // [r, K]
    Variable shares = constant(g, chosen, hardest.shares());
    return g.scale(g.sum(g.mul(g.mul(weights, losses), shares)), 1.0 / all.count());
  }

  private static Tensor ints(Graph g, int[] values) {
    return g.arena().ints("places", values, values.length);
  }

  private static Variable constant(Graph g, Variable like, double[] values) {
    Tensor tensor = g.arena().allocate("constant", like.value().dtype(), like.shape());
    tensor.copyFrom(values);
    return g.constant(tensor);
  }

  /**
   * The chosen cells of a score matrix [b, C].
   *
   * @param rows [r] the rows that have candidates
   * @param most K, or fewer where no row has that many
   * @param cells [r * K] places in the flattened matrix; a row with fewer is filled up
   * @param real [r * K] 1 where a cell is no filling
   */
  private record Hardest(int[] rows, int most, int[] cells, int[] real) {
    static Hardest of(Candidates.Scored scored, int wanted) {
      CandidateMask mask = scored.mask();
      double[] scores = scored.scores().value().toDoubles();
      int width = mask.columns();
      int[] rows = mask.rowsWithAny();
      int[][] best = new int[rows.length][];
      int most = 1;
      for (int r = 0; r < rows.length; r++) {
        int row = rows[r];
        best[r] = largest(scores, row, mask, wanted);
        most = Math.max(most, best[r].length);
      }
      int[] cells = new int[rows.length * most];
      int[] real = new int[rows.length * most];
      for (int r = 0; r < rows.length; r++) {
        for (int k = 0; k < most; k++) {
          boolean exists = k < best[r].length;
          cells[r * most + k] = exists ? best[r][k] : best[r][0];
          real[r * most + k] = exists ? 1 : 0;
        }
      }
      return new Hardest(rows, most, cells, real);
    }

    /**
     * The places of the largest allowed scores of a row, largest first; of equal ones the first.
     */
    private static int[] largest(double[] scores, int row, CandidateMask mask, int wanted) {
      int width = mask.columns();
      int[] kept = new int[Math.min(wanted, width)];
      int size = 0;
      for (int column = 0; column < width; column++) {
        int place = row * width + column;
        boolean enters = size < kept.length || scores[place] > scores[kept[size - 1]];
        if (!mask.allows(row, column) || !enters) {
          continue;
        }
        size = Math.min(size + 1, kept.length);
        int at = size - 1;
        for (; at > 0 && scores[place] > scores[kept[at - 1]]; at--) {
          kept[at] = kept[at - 1];
        }
        kept[at] = place;
      }
      return Arrays.copyOf(kept, size);
    }

    /** 1 where the loss is above 0. */
    double[] violated(Variable losses) {
      double[] values = losses.value().toDoubles();
      for (int at = 0; at < values.length; at++) {
        values[at] = values[at] > 0 ? 1 : 0;
      }
      return values;
    }

    /** One over the number of real cells of the row, and 0 for fillings. */
    double[] shares() {
      double[] shares = new double[real.length];
      for (int r = 0; r < rows.length; r++) {
        int count = IntStream.range(r * most, (r + 1) * most).map(at -> real[at]).sum();
        for (int at = r * most; at < (r + 1) * most; at++) {
          shares[at] = real[at] / (double) count;
        }
      }
      return shares;
    }
  }
}
