package io.batchwright.data.mixture;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Small sources get more than their part: {@code share_i = rows_i^(1/T) / sum_j rows_j^(1/T)}.
 *
 * <p><b>Deviations from the paper.</b> None; the paper's cap on a source's size is not applied.
 *
 * <p><b>Relations.</b> T = 1 is {@link Proportional}; a large T gives each source the same share.
 *
 * @param temperature T, at least 1
 */
@Paper(
    title = "Massively Multilingual Neural Machine Translation in the Wild",
    arxiv = "1907.05019",
    where = "section 4.2")
public record Temperature(double temperature) implements Mixture {
  /** The paper's T = 5. */
  public static final Temperature PAPER = new Temperature(5);

  public Temperature {
    Check.atLeast("Temperature.temperature", temperature, 1);
  }

  @Override
  public SortedMap<String, Double> shares(SortedMap<String, Long> rows) {
    SortedMap<String, Double> shares = new TreeMap<>();
    rows.forEach((source, count) -> shares.put(source, Math.pow(count, 1 / temperature)));
    double sum = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    shares.replaceAll((source, weight) -> weight / sum);
    return shares;
  }
}
