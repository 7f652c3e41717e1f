package io.batchwright.train.layer;

import io.batchwright.kernel.AttentionDropout;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;

/**
 * Dropout of one training step: what is dropped depends on the seed, the step, the place of use and
 * the row's number in the global batch, so it is the same for any number of ranks, and when a layer
 * is computed again.
 *
 * @param probability of losing an element of a layer's output, in [0, 1); BERT's {@code
 *     hidden_dropout_prob}
 * @param attentionProbability of losing a weight of attention, in [0, 1); BERT's {@code
 *     attention_probs_dropout_prob}
 * @param seed of the run
 * @param step of the run
 * @param role of the texts in the batch, such as {@code query}
 * @param rows [T] (I32) the number in the global batch of each row; unused where both probabilities
 *     are 0
 */
@Paper(
    title = "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    where = "Section 4 (JMLR 15, 2014), scaled when training")
public record Dropout(
    double probability,
    double attentionProbability,
    long seed,
    long step,
    String role,
    Tensor rows) {
  /** Nothing is dropped: evaluation. */
  public static final Dropout NONE = new Dropout(0, 0, 0, 0, "", null);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a probability is not in [0, 1)
   */
  public Dropout {
    Check.range("Dropout.probability", probability, 0, true, 1, false);
    Check.range("Dropout.attentionProbability", attentionProbability, 0, true, 1, false);
  }

  /** Dropout of outputs alone: attention keeps all its weights. */
  public Dropout(double probability, long seed, long step, String role, Tensor rows) {
    this(probability, 0, seed, step, role, rows);
  }

  /**
   * Drops elements of {@code x}.
   *
   * @param place names the use, different for different ones
   * @param x [T, D]
   * @return [T, D]
   */
  public Variable apply(Graph graph, String place, Variable x) {
    if (probability == 0) {
      return x;
    }
    return graph.dropout(x, stream(place), rows, probability);
  }

  /**
   * What one use of attention loses.
   *
   * @param place names the use, different for different ones
   */
  public AttentionDropout ofAttention(String place) {
    return attentionProbability == 0
        ? AttentionDropout.NONE
        : new AttentionDropout(attentionProbability, stream(place), rows);
  }

  private RandomStream stream(String place) {
    return RandomStream.of(seed, "dropout %s %s".formatted(role, place), 0, step);
  }
}
