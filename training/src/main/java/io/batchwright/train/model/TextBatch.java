package io.batchwright.train.model;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/**
 * Tokenized texts, packed one behind the other without padding.
 *
 * @param tokens [T] token ids (I32) of all texts
 * @param cuSeqlens [B + 1] offsets (I32): text {@code i} is {@code tokens[cuSeqlens[i],
 *     cuSeqlens[i+1])}; equal offsets mean an empty text
 */
public record TextBatch(Tensor tokens, Tensor cuSeqlens) {
  /**
   * Checks types and ranks.
   *
   * @throws IllegalArgumentException if one is not a vector of I32 or there are no offsets
   */
  public TextBatch {
    if (tokens.dtype() != DType.I32
        || cuSeqlens.dtype() != DType.I32
        || tokens.shape().rank() != 1
        || cuSeqlens.shape().rank() != 1
        || cuSeqlens.shape().dim(0) < 1) {
      throw new IllegalArgumentException(
          "TextBatch needs tokens I32 [T] and cuSeqlens I32 [B + 1], got %s %s and %s %s"
              .formatted(tokens.dtype(), tokens.shape(), cuSeqlens.dtype(), cuSeqlens.shape()));
    }
  }

  /** The number of texts, B. */
  public int size() {
    return cuSeqlens.shape().dim(0) - 1;
  }

  /**
   * The row of a position table that each token takes: {@code first + place in its text}.
   *
   * @param arena holds the result
   * @param first the row of a text's first token
   * @param longestText the most tokens that a text may have
   * @return I32 [T]
   * @throws IllegalArgumentException if a text is longer
   */
  Tensor places(Arena arena, int first, int longestText) {
    int[] offsets = cuSeqlens.toInts();
    int[] places = new int[tokens.shape().dim(0)];
    for (int b = 0; b + 1 < offsets.length; b++) {
      int length = offsets[b + 1] - offsets[b];
      if (length > longestText) {
        throw new IllegalArgumentException(
            "text %d of the batch has %d tokens, the model has %d positions"
                .formatted(b, length, longestText));
      }
      for (int i = 0; i < length; i++) {
        places[offsets[b] + i] = first + i;
      }
    }
    return arena.ints("places", places, places.length);
  }
}
