package io.batchwright.data.pack;

import io.batchwright.technique.Paper;
import java.util.Arrays;

/**
 * Each piece is a sequence of its own: steps hold equally many pieces, of unequal numbers of
 * tokens.
 */
@Paper(title = "no packing")
public record NoPacking() implements Packing {
  /** It has no fields. */
  public static final NoPacking PAPER = new NoPacking();

  @Override
  public int[] pack(int[] lengths, int sequenceLength) {
    int[] sequences = new int[lengths.length];
    Arrays.setAll(sequences, i -> i);
    return sequences;
  }
}
