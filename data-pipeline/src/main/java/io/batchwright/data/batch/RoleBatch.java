package io.batchwright.data.batch;

/**
 * The texts of one role in one step, laid end to end.
 *
 * @param tokens the token ids of all texts, [T]
 * @param cuSeqlens where each text starts, and the end of the last: {@code cuSeqlens[i] ..
 *     cuSeqlens[i + 1]} is text i, [S + 1]
 * @param positionIds the position of each token in its own text, [T]
 * @param textIds the text each sequence shows, [S]
 */
public record RoleBatch(int[] tokens, int[] cuSeqlens, int[] positionIds, long[] textIds) {
  /** The number of texts. */
  public int sequences() {
    return textIds.length;
  }
}
