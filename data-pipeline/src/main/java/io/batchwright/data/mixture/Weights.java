package io.batchwright.data.mixture;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Shares by hand: {@code share_i = weight_i / sum_j weight_j}, however many rows a source has. A
 * source that is not named weighs 1, so that without any weights each source gives as much as
 * another.
 *
 * <p><b>Errors.</b> Weights of a source that there is not, or of 0 for all.
 *
 * <p><b>Deviations from the paper.</b> Its proportions sum to 1; here any weights do.
 *
 * <p><b>Relations.</b> {@link Temperature} at a high temperature is the same without weights.
 *
 * @param weights of sources, each named once
 */
@Paper(
    title = "LLaMA: Open and Efficient Foundation Language Models",
    arxiv = "2302.13971",
    where = "Table 1, sampling proportions")
public record Weights(List<SourceWeight> weights) implements Mixture {
  /** Each source gives as much as another. */
  public static final Weights DEFAULTS = new Weights(List.of());

  public Weights {
    weights = List.copyOf(weights);
    long sources = weights.stream().map(SourceWeight::source).distinct().count();
    Check.that(sources == weights.size(), "Weights.weights", "must name each source once");
  }

  @Override
  public SortedMap<String, Double> shares(SortedMap<String, Long> rows) {
    Map<String, Double> given =
        weights.stream().collect(Collectors.toMap(SourceWeight::source, SourceWeight::weight));
    for (String source : given.keySet()) {
      if (!rows.containsKey(source)) {
        throw BatchwrightException.usage(
            "Weights.weights: no sample is of the source %s; there are %s."
                .formatted(source, rows.keySet()));
      }
    }
    SortedMap<String, Double> shares = new TreeMap<>();
    rows.keySet().forEach(source -> shares.put(source, given.getOrDefault(source, 1.0)));
    double sum = shares.values().stream().mapToDouble(Double::doubleValue).sum();
    if (sum == 0) {
      throw BatchwrightException.usage("Weights.weights: the weights of all sources are 0.");
    }
    shares.replaceAll((source, weight) -> weight / sum);
    return shares;
  }
}
