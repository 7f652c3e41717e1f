/**
 * Batches as a table, then as bytes: the plan, where each sample goes, and the shards that ranks
 * map.
 *
 * <p>Reading order: {@link io.batchwright.data.batch.ShardManifest}, {@link
 * io.batchwright.data.batch.ShardReader}, {@link io.batchwright.data.batch.StepBatch}, {@link
 * io.batchwright.data.batch.Placement}.
 */
package io.batchwright.data.batch;
