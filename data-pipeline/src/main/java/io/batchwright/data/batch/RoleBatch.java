package io.batchwright.data.batch;

import io.batchwright.data.failure.BatchwrightException;

/**
 * The texts of one role in one step, laid end to end.
 *
 * <p>Of a language model's role {@value io.batchwright.data.pack.PackedSamples#ROLE} each sample is
 * one packed sequence, which counts as one text here, with the id of its first piece; a piece
 * begins where the position is 0.
 *
 * @param tokens the token ids of all texts, [T]
 * @param cuSeqlens where each text starts, and the end of the last: {@code cuSeqlens[i] ..
 *     cuSeqlens[i + 1]} is text i, [S + 1]
 * @param positionIds the position of each token in its own text or piece, [T]
 * @param textIds the text each sequence shows, [S]
 * @param scores a teacher's score of each text for its sample's query, [S]; [0] where the shards
 *     hold none
 * @param guide a guide's vector of each text, one after the other, [S * G]; [0] where the shards
 *     hold none
 */
public record RoleBatch(
    int[] tokens,
    int[] cuSeqlens,
    int[] positionIds,
    long[] textIds,
    float[] scores,
    float[] guide) {

  private static final float[] NONE = {};

  /** Texts without a teacher's scores and without a guide's vectors. */
  public RoleBatch(int[] tokens, int[] cuSeqlens, int[] positionIds, long[] textIds) {
    this(tokens, cuSeqlens, positionIds, textIds, NONE, NONE);
  }

  /** The number of texts. */
  public int sequences() {
    return textIds.length;
  }

  /**
   * The length of a guide's vector, G; 0 where there is no text or no guide.
   *
   * @throws BatchwrightException if the vectors have unequal lengths
   */
  public int guideDims() {
    if (guide.length == 0) {
      return 0;
    }
    if (guide.length % textIds.length != 0) {
      throw BatchwrightException.data(
          "the guide's vectors have unequal lengths: %,d numbers for %,d texts"
              .formatted(guide.length, textIds.length));
    }
    return guide.length / textIds.length;
  }
}
