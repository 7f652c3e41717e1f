/**
 * Batches as a table, then as bytes: the plan, where each sample goes, and the shards that ranks
 * map.
 *
 * <p>Reading order: {@link io.batchwright.data.batch.BatchPolicy}, {@link
 * io.batchwright.data.batch.RandomBatches}, {@link io.batchwright.data.batch.NoDuplicates}, {@link
 * io.batchwright.data.batch.GroupByLabel}, {@link io.batchwright.data.batch.Tas}, {@link
 * io.batchwright.data.batch.TasBalanced}, {@link io.batchwright.data.batch.Ngame}, {@link
 * io.batchwright.data.batch.Sample4Geo}, {@link io.batchwright.data.batch.MixedEpochs} (epochs that
 * a mixture of sources draws), {@link io.batchwright.data.batch.Plan}, {@link
 * io.batchwright.data.batch.Placement}, {@link io.batchwright.data.batch.Shards}, {@link
 * io.batchwright.data.batch.ShardManifest}, {@link io.batchwright.data.batch.ShardReader}, {@link
 * io.batchwright.data.batch.StepBatch}.
 *
 * <p>A plan knows nothing of ranks: {@link io.batchwright.data.batch.Placement} maps (step,
 * position) to (rank, slot) for a given world, so a run can go on with another number of ranks.
 * Only the epoch asked for becomes shards.
 *
 * <p>To add a policy, write a record that plans an epoch as a pure function of key, recipe and
 * samples; ranks in a shuffle ({@code Candidate}) never depend on Spark's partitions. What all
 * epochs of the same samples share, such as a search, it makes once in {@code epochs}.
 */
package io.batchwright.data.batch;
