package io.batchwright.train.language;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.model.TextBatch;
import java.util.stream.IntStream;

/**
 * Texts as a model reads them, and which token it must name at which position.
 *
 * @param batch what the model reads, T tokens
 * @param positions I32 [N], each in [0, T)
 * @param targets I32 [N], token ids
 */
public record TokenTask(TextBatch batch, Tensor positions, Tensor targets) {
  /** The target of a position that does not count. */
  public static final int IGNORED = -100;

  /**
   * The task of naming {@code targets[t]} at each position t where it is not negative.
   *
   * @param targets [T]; any negative number, such as {@link #IGNORED}, does not count
   */
  public static TokenTask of(Arena arena, TextBatch batch, int[] targets) {
    int tokens = batch.tokens().shape().dim(0);
    if (targets.length != tokens) {
      throw new IllegalArgumentException(
          "%d targets for %d tokens".formatted(targets.length, tokens));
    }
    int[] positions = IntStream.range(0, tokens).filter(t -> targets[t] >= 0).toArray();
    int[] counted = IntStream.of(positions).map(t -> targets[t]).toArray();
    return new TokenTask(
        batch,
        arena.ints("positions", positions, positions.length),
        arena.ints("targets", counted, counted.length));
  }

  /** How many positions count, N. */
  public int count() {
    return positions.shape().dim(0);
  }
}
