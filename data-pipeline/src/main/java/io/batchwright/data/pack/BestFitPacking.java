package io.batchwright.data.pack;

import io.batchwright.technique.Paper;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Best-fit decreasing: the pieces from the longest on, each into the sequence that has the least
 * room left for it.
 *
 * <p>A document is cut only where it is longer than a sequence; the rest of it is one piece among
 * all others. Of sequences with equal room the one opened first is taken.
 *
 * <p><b>Deviations from the paper.</b> Pieces are packed in windows instead of all at once, so that
 * no machine must hold them all; within a window the choice is exact. Documents of a sequence do
 * not see each other.
 */
@Paper(
    title = "Fewer Truncations Improve Language Modeling",
    arxiv = "2404.10830",
    where = "Section 3, Best-fit Packing")
public record BestFitPacking() implements Packing {
  /** It has no fields. */
  public static final BestFitPacking PAPER = new BestFitPacking();

  @Override
  public int[] pack(int[] lengths, int sequenceLength) {
    int[] sequences = new int[lengths.length];
    TreeSet<Room> open = new TreeSet<>(Room.ORDER);
    int opened = 0;
    int[] longestFirst =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> -lengths[i]).thenComparing(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int piece : longestFirst) {
      Room least = open.ceiling(new Room(lengths[piece], 0));
      int left;
      if (least == null) {
        sequences[piece] = opened++;
        left = sequenceLength - lengths[piece];
      } else {
        open.remove(least);
        sequences[piece] = least.sequence;
        left = least.tokens - lengths[piece];
      }
      if (left > 0) {
        open.add(new Room(left, sequences[piece]));
      }
    }
    return sequences;
  }

  /** Room of {@code tokens} in a sequence. */
  private record Room(int tokens, int sequence) {
    static final Comparator<Room> ORDER =
        Comparator.comparingInt(Room::tokens).thenComparingInt(Room::sequence);
  }
}
