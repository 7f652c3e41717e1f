package io.batchwright.data.ledger;

import io.batchwright.data.failure.BatchwrightException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What became of each row of one stage: {@code in + expanded = out + dropped + quarantined}.
 *
 * <p>Counts come from committed outputs, never from accumulators, so that a retried task is counted
 * once.
 *
 * @param stage the stage's name, such as {@code duplicates}
 * @param in rows read
 * @param out rows written
 * @param dropped rows left out on purpose, by reason
 * @param quarantined rows that could not be used, by reason
 * @param expanded rows that the stage added by splitting, or took away by packing (negative)
 * @param seconds wall-clock time of the stage
 */
public record LedgerEntry(
    String stage,
    long in,
    long out,
    SortedMap<String, Long> dropped,
    SortedMap<String, Long> quarantined,
    long expanded,
    double seconds) {

  public LedgerEntry {
    dropped = Collections.unmodifiableSortedMap(new TreeMap<>(dropped));
    quarantined = Collections.unmodifiableSortedMap(new TreeMap<>(quarantined));
  }

  /** An entry without dropped, quarantined or expanded rows. */
  public static LedgerEntry of(String stage, long in, long out) {
    return new LedgerEntry(stage, in, out, new TreeMap<>(), new TreeMap<>(), 0, 0);
  }

  /** This entry with the given reasons. */
  public LedgerEntry with(Map<String, Long> droppedRows, Map<String, Long> quarantinedRows) {
    return new LedgerEntry(
        stage,
        in,
        out,
        new TreeMap<>(droppedRows),
        new TreeMap<>(quarantinedRows),
        expanded,
        seconds);
  }

  /** This entry with {@code rows} more rows going out than came in. */
  public LedgerEntry expandedBy(long rows) {
    return new LedgerEntry(stage, in, out, dropped, quarantined, rows, seconds);
  }

  /** This entry with its duration. */
  public LedgerEntry took(double wallSeconds) {
    return new LedgerEntry(stage, in, out, dropped, quarantined, expanded, wallSeconds);
  }

  /** Rows dropped for any reason. */
  public long droppedTotal() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Rows quarantined for any reason. */
  public long quarantinedTotal() {
    return quarantined.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Whether each row is accounted for. */
  public boolean balanced() {
    return in + expanded == out + droppedTotal() + quarantinedTotal();
  }

  /**
   * This entry, once checked.
   *
   * @throws BatchwrightException with exit code 3 if a row is missing or counted twice
   */
  public LedgerEntry requireBalanced() {
    if (!balanced()) {
      throw BatchwrightException.data(
          "The ledger of stage %s does not balance: %,d in + %,d expanded, but %,d out + %,d dropped %s + %,d quarantined %s."
              .formatted(
                  stage,
                  in,
                  expanded,
                  out,
                  droppedTotal(),
                  dropped,
                  quarantinedTotal(),
                  quarantined));
    }
    return this;
  }
}
