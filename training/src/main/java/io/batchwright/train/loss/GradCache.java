package io.batchwright.train.loss;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.Set;

/**
 * A loss over a batch whose activations would not fit into memory: texts are encoded a chunk at a
 * time, and what lies between tokens and vectors is computed again on the way back.
 *
 * <pre>
 * E_c = encode(chunk c), kept without its activations;  L = loss(E_1 ; E_2 ; ...)
 * dL/dtheta = sum over c of  (dE_c / dtheta) * dL/dE_c,  each with its chunk encoded again
 * </pre>
 *
 * <p>The gradient is that of the whole batch, up to the order of sums: every text still meets every
 * other one. Dropout draws by a text's place in the global batch and is the same both times.
 * Gradients are reduced over ranks once a step, not once a chunk. A step costs about a forward pass
 * more; memory is that of the vectors and of one chunk.
 *
 * <p><b>Deviations from the paper.</b> None that changes a number; chunks are a rank's texts of one
 * role, and random states need not be kept.
 *
 * <p><b>Relations.</b> Wraps any {@link Loss}, {@link Matryoshka} included; the loss itself is not
 * split, {@link InfoNce} does that on its own where its matrix is large. A model that recomputes
 * its layers needs memory for one layer of the whole batch instead.
 *
 * @param loss over the vectors of the whole batch
 * @param chunkTexts texts encoded at once on a rank, at least 1
 */
@Paper(
    title = "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup",
    arxiv = "2101.06983",
    where = "Section 3, gradient caching")
public record GradCache(Loss loss, int chunkTexts) implements Loss {
  /** InfoNCE, 32 texts at once. */
  public static final GradCache PAPER = new GradCache(InfoNce.PAPER, 32);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the loss is missing or a parameter is out of its range
   */
  public GradCache {
    Check.that(loss != null, "GradCache.loss", "must be given");
    Check.that(
        !(loss instanceof GradCache),
        "GradCache.loss",
        "must not be a GradCache: chunks do not nest");
    Check.atLeast("GradCache.chunkTexts", chunkTexts, 1);
  }

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    return loss.apply(g, pairs);
  }

  @Override
  public Set<LossInput> needs() {
    return loss.needs();
  }

  @Override
  public int textsAtOnce() {
    return chunkTexts;
  }
}
