package io.batchwright.data.pack;

import java.io.Serializable;

/**
 * Which pieces of documents share a sequence.
 *
 * <p>Sequences are laid end to end without padding and attention stays inside of a piece, so a
 * packing decides how even the sequences of a step are, and never what a token sees.
 */
public sealed interface Packing extends Serializable
    permits BestFitPacking, NoPacking, CustomPacking {

  /**
   * Packs the pieces of one window.
   *
   * @param lengths tokens of each piece, in random order, each in [1, {@code sequenceLength}]
   * @param sequenceLength the most tokens of a sequence
   * @return the sequence of each piece; sequences are numbered from 0, and each number up to the
   *     greatest occurs
   */
  int[] pack(int[] lengths, int sequenceLength);
}
