package io.batchwright.data.batch;

import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws one of a query's pairs so that margins of every size are as likely as another: first a bin
 * of equal width between the query's smallest and largest margin, of those that hold a pair, then a
 * pair of the bin.
 *
 * <p>The largest margin belongs to the last bin. Where all margins are equal there is one bin.
 */
final class MarginBins {
  private MarginBins() {}

  /** The bin of each of {@code margins}, from 0 to before {@code bins}. */
  static int[] of(float[] margins, int bins) {
    double smallest = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (float margin : margins) {
      smallest = Math.min(smallest, margin);
      largest = Math.max(largest, margin);
    }
    double width = (largest - smallest) / bins;
    int[] bin = new int[margins.length];
    for (int i = 0; i < bin.length; i++) {
      bin[i] = width > 0 ? Math.min(bins - 1, (int) ((margins[i] - smallest) / width)) : 0;
    }
    return bin;
  }

  /**
   * The place of the drawn pair.
   *
   * @param margins of the query's pairs, at least one
   * @param random whose draws 0 and 1 are used
   */
  static int draw(float[] margins, int bins, RandomStream random) {
    List<List<Integer>> filled = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      filled.add(new ArrayList<>());
    }
    int[] bin = of(margins, bins);
    for (int i = 0; i < bin.length; i++) {
      filled.get(bin[i]).add(i);
    }
    filled.removeIf(List::isEmpty);
    List<Integer> pairs = filled.get((int) random.belowAt(0, filled.size()));
    return pairs.get((int) random.belowAt(1, pairs.size()));
  }
}
