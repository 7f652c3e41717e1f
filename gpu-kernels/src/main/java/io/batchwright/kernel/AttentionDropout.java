package io.batchwright.kernel;

import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;

/**
 * Which attention probabilities are lost; the others grow so that their mean stays (scaled when
 * training, as {@link ElementKernels#dropout}). The weight of the key at place j of its sequence,
 * for the query at row r and head h of H, is kept where {@code stream.intAt((rows[r] * H + h) *
 * 2^20 + j)}, as an unsigned number, is at least {@code probability * 2^32}. So it depends on
 * neither the tiles nor the number of ranks, and the way back draws the same.
 *
 * @param probability of losing a weight, in [0, 1)
 * @param stream of this use in this step; not read if the probability is 0
 * @param rows [T] (I32, at least 0) what each position is to the stream; not read if the
 *     probability is 0
 */
public record AttentionDropout(double probability, RandomStream stream, Tensor rows) {
  /** The most positions of a sequence whose weights can be dropped: 2^20. */
  public static final int LONGEST = 1 << 20;

  /** Nothing is dropped. */
  public static final AttentionDropout NONE = new AttentionDropout(0, null, null);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if it is left, or stream or rows are missing
   */
  public AttentionDropout {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "AttentionDropout.probability must be in [0, 1), got " + probability);
    }
    if (probability > 0 && (stream == null || rows == null)) {
      throw new IllegalArgumentException("AttentionDropout.stream and rows must be given");
    }
  }

  /** The position in the stream of the draw for the first key. */
  public static long position(int row, int heads, int head) {
    return ((long) row * heads + head) * LONGEST;
  }
}
