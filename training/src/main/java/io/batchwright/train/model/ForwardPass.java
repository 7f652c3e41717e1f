package io.batchwright.train.model;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.layer.Dropout;
import java.util.Arrays;

/**
 * What a model is run for: whether it trains, and in which step on which texts, so that random
 * choices depend on those alone and not on how a batch is spread over ranks.
 *
 * @param training whether layers such as dropout are at work
 * @param seed of the run
 * @param step of the run
 * @param role of the texts, such as {@code query}; the same text draws differently in each
 * @param places each text's place among all texts of its role in the global batch, [B]
 * @param packed whether texts are pieces of packed sequences; then a place is that of the text's
 *     first token among all tokens of the global batch, as if each sequence were as long as can be
 */
public record ForwardPass(
    boolean training, long seed, long step, String role, int[] places, boolean packed) {
  /** Nothing is drawn: validation, encoding, search. */
  public static final ForwardPass EVALUATION = new ForwardPass(false, 0, 0, "", new int[0]);

  /** A pass over texts that stand alone. */
  public ForwardPass(boolean training, long seed, long step, String role, int[] places) {
    this(training, seed, step, role, places, false);
  }

  /** The same pass for the texts {@code first} to before {@code end}. */
  public ForwardPass of(int first, int end) {
    return new ForwardPass(
        training, seed, step, role, Arrays.copyOfRange(places, first, end), packed);
  }

  /**
   * The same pass for more texts, whose results nobody reads: they draw as the first text does.
   *
   * @param texts at least as many as there are places
   */
  public ForwardPass filled(int texts) {
    return !training || texts == places.length
        ? this
        : new ForwardPass(training, seed, step, role, Arrays.copyOf(places, texts), packed);
  }

  /**
   * The dropout of this pass.
   *
   * @param probability of losing an element of a layer's output, in [0, 1)
   * @param attentionProbability of losing a weight of attention, in [0, 1)
   * @param batch the texts
   * @param longestText the most tokens a text may have, at least the longest of the batch
   */
  Dropout dropout(
      Graph graph,
      double probability,
      double attentionProbability,
      TextBatch batch,
      int longestText) {
    return training && (probability > 0 || attentionProbability > 0)
        ? new Dropout(
            probability, attentionProbability, seed, step, role, rows(graph, batch, longestText))
        : Dropout.NONE;
  }

  /** A number for each token of the global batch: [T]. */
  private Tensor rows(Graph graph, TextBatch batch, int longestText) {
    if (places.length != batch.size()) {
      throw new IllegalArgumentException(
          "%d places for %d texts".formatted(places.length, batch.size()));
    }
    int[] offsets = batch.cuSeqlens().toInts();
    int[] rows = new int[batch.tokens().shape().dim(0)];
    for (int b = 0; b < places.length; b++) {
      int first = packed ? places[b] : Math.multiplyExact(places[b], longestText);
      for (int i = offsets[b]; i < offsets[b + 1]; i++) {
        rows[i] = Math.addExact(first, i - offsets[b]);
      }
    }
    return graph.arena().ints("rows of the global batch", rows, rows.length);
  }
}
