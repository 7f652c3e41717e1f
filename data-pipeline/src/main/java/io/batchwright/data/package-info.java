/**
 * From a corpus to planned batches, on Spark SQL.
 *
 * <p>Reading order: {@link io.batchwright.data.Tables}, then {@code corpus}, {@code filter}, {@code
 * dedup}, {@code split}, {@code token}, {@code bucket}, {@code batch}.
 */
package io.batchwright.data;
