package io.batchwright.data.mixture;

import io.batchwright.technique.Paper;
import java.util.SortedMap;

/**
 * Each source in proportion to its rows: {@code share = rows / sum(rows)}, the corpus as it is.
 *
 * <p><b>Relations.</b> Equals {@link Temperature} at 1.
 */
@Paper(title = "Proportional sampling")
public record Proportional() implements Mixture {
  /** The only one. */
  public static final Proportional PAPER = new Proportional();

  @Override
  public SortedMap<String, Double> shares(SortedMap<String, Long> rows) {
    return new Temperature(1).shares(rows);
  }
}
