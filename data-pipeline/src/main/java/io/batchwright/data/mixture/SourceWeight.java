package io.batchwright.data.mixture;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * How much a source counts.
 *
 * @param source its name
 * @param weight beside those of the other sources, finite and at least 0; 0 leaves it out
 */
public record SourceWeight(String source, double weight) implements Serializable {
  public SourceWeight {
    Check.range("SourceWeight.weight", weight, 0, true, Double.MAX_VALUE, true);
  }
}
