package io.batchwright.data.mixture;

import io.batchwright.technique.Check;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whole samples for the shares of a mixture. */
final class Quotas {
  /** What rounding may take from a whole number: far less than one sample of a trillion. */
  private static final double ROUNDING = 1e-12;

  private Quotas() {}

  /** The quotas of the longest epoch in which no source needs more than its {@code rows}. */
  static SortedMap<String, Long> of(Mixture mixture, SortedMap<String, Long> rows) {
    SortedMap<String, Double> shares = mixture.shares(rows);
    String name = mixture.getClass().getSimpleName();
    Check.that(
        shares.keySet().equals(rows.keySet()),
        name + ".shares",
        "must be of the sources %s, got %s".formatted(rows.keySet(), shares.keySet()));
    double sum = shares.values().stream().mapToDouble(share -> share >= 0 ? share : -1).sum();
    Check.that(
        Math.abs(sum - 1) < 1e-9, name + ".shares", "must sum to 1, got %s".formatted(shares));
    double longest =
        rows.keySet().stream()
            .filter(source -> shares.get(source) > 0)
            .mapToDouble(source -> rows.get(source) / shares.get(source))
            .min()
            .orElse(0);
    SortedMap<String, Long> quotas = ofTotal(shares, (long) (longest * (1 + ROUNDING)));
    quotas.replaceAll((source, quota) -> Math.min(quota, rows.get(source)));
    return quotas;
  }

  /** Whole samples by the largest remainder, ties by source name; they sum to {@code total}. */
  static SortedMap<String, Long> ofTotal(SortedMap<String, Double> shares, long total) {
    SortedMap<String, Long> quotas = new TreeMap<>();
    shares.forEach((source, share) -> quotas.put(source, (long) Math.floor(share * total)));
    long missing = total - quotas.values().stream().mapToLong(Long::longValue).sum();
    Comparator<String> byRemainder =
        Comparator.comparingDouble(source -> quotas.get(source) - shares.get(source) * total);
    List<String> order =
        shares.keySet().stream()
            .sorted(byRemainder.thenComparing(Comparator.naturalOrder()))
            .limit(missing)
            .toList();
    order.forEach(source -> quotas.merge(source, 1L, Long::sum));
    return quotas;
  }
}
