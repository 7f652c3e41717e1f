package io.batchwright.data.mixture;

import java.io.Serializable;
import java.util.SortedMap;

/**
 * Decides what share of each epoch's samples every source gives.
 *
 * <p>An epoch is as long as it can be without a sample coming twice: the source that the mixture
 * wants most of, compared with what it has, gives all of its samples, and the others their quotas.
 * The next epoch goes on with those that the one before left out, so that a source's samples come
 * equally often.
 */
public sealed interface Mixture extends Serializable
    permits Proportional, Temperature, Weights, CustomMixture {

  /**
   * The share of each source.
   *
   * @param rows samples of each source, all positive
   * @return non-negative shares of the same sources, which sum to 1
   */
  SortedMap<String, Double> shares(SortedMap<String, Long> rows);

  /**
   * The samples that each source gives to an epoch.
   *
   * @param rows samples of each source, all positive
   * @return at most {@code rows}
   * @throws IllegalArgumentException if the shares are of other sources or no shares
   */
  default SortedMap<String, Long> quotas(SortedMap<String, Long> rows) {
    return Quotas.of(this, rows);
  }
}
