package io.batchwright.data.split;

/**
 * What the leak check saw and what is left.
 *
 * @param trainDocuments training documents compared
 * @param heldOutDocuments held-out documents they were compared with
 * @param comparedPairs pairs whose exact similarity was computed
 * @param nearPairs pairs at or above the threshold before exclusion
 * @param excludedDocuments training documents excluded for it
 * @param remainingNearPairs pairs at or above the threshold after exclusion: 0
 * @param remainingEqualQueries training queries equal to a held-out query after exclusion: 0
 */
public record LeakReport(
    long trainDocuments,
    long heldOutDocuments,
    long comparedPairs,
    long nearPairs,
    long excludedDocuments,
    long remainingNearPairs,
    long remainingEqualQueries) {

  /** Whether nothing crosses the split. */
  public boolean clean() {
    return remainingNearPairs == 0 && remainingEqualQueries == 0;
  }
}
