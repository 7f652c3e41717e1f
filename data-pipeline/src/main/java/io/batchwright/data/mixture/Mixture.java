package io.batchwright.data.mixture;

import java.io.Serializable;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Decides what share of the training rows each source gives.
 *
 * <p>A quota is filled without replacement: every row of a source is used {@code floor(quota /
 * rows)} times, and the rest of the quota by the rows whose keyed hash is least. So epochs are
 * exact and the same rows are chosen whatever the partitioning.
 */
public sealed interface Mixture extends Serializable
    permits Proportional, Temperature, CustomMixture {

  /**
   * The share of each source.
   *
   * @param rows rows of each source, all positive
   * @return non-negative shares that sum to 1
   */
  SortedMap<String, Double> shares(SortedMap<String, Long> rows);

  /**
   * Draws {@code total} rows from {@code table} by this mixture.
   *
   * @param table rows with a {@code source} and a unique {@code idColumn}
   * @param total rows of the result; 0 stands for as many as the table has
   * @return the table's columns plus {@code repetition} (int, from 0)
   */
  default Dataset<Row> draw(Dataset<Row> table, String idColumn, long total, long seed) {
    return new Draw(this, idColumn, total, seed).from(table);
  }
}
