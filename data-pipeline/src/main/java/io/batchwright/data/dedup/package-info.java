/**
 * Duplicates: which documents repeat another one, and which of each cluster stays.
 *
 * <p>Reading order: {@link io.batchwright.data.dedup.Deduplicate} (the recipe), {@link
 * io.batchwright.data.dedup.Deduplication} (its result), {@link
 * io.batchwright.data.dedup.Deduplicator} (the family), then {@link
 * io.batchwright.data.dedup.Normalization}, {@link io.batchwright.data.dedup.ShingleUnit} and
 * {@link io.batchwright.data.dedup.Shingles} (what similarity is), {@link
 * io.batchwright.data.dedup.SignatureScheme} (the family of its estimates), {@link
 * io.batchwright.data.dedup.SchemeJson} (how they are stored), {@link
 * io.batchwright.data.dedup.Fingerprints} (the one pass over all texts), {@code LocalRun} and
 * {@code DeduplicationRun} (a run on the driver, and on executors), {@code NearDuplicates}, {@code
 * AnchoredResolution} and {@code BucketSearch} (who goes), {@link
 * io.batchwright.data.dedup.ConnectedComponents}; {@link io.batchwright.data.dedup.NeighbourSample}
 * and {@link io.batchwright.data.dedup.ClusterSample} are for estimates.
 *
 * <pre>{@code
 * try (Deduplication found = Deduplicate.DEFAULTS.apply(documents)) {
 *   found.outcome().kept().write().parquet(folder);
 * }
 * }</pre>
 *
 * <table>
 * <caption>The family</caption>
 * <tr><td>{@link io.batchwright.data.dedup.ExactHash}</td><td>equal texts; always first</td></tr>
 * <tr><td>{@link io.batchwright.data.dedup.MinHashLsh}</td><td>similar texts, each pair verified;
 *     words for prose, word tokens for code, characters where words have no spaces</td></tr>
 * </table>
 *
 * <p>To add one, implement {@link io.batchwright.data.dedup.Deduplicator}: make a fingerprint of a
 * text, find duplicates among {@code search.roster()} by it, point each at a member with a lower
 * ordinal that is none itself, and add the record to the {@code permits} clause and to {@code
 * DeduplicatorContractTest}.
 *
 * <p>Decisions (docs/decisions/0009). A document's ordinal is its place in the order of survival,
 * so that "least" means "survives" everywhere and no result depends on partitions. What goes is
 * similar to what stays. Buckets stream past their anchors; nothing is a list per bucket. Texts
 * never travel; shingle sets of candidates do, once, as packed bytes, for Spark boxes each element
 * of an array column. Where a search changes from what is quickest for few rows to what works for
 * any number stands in {@link io.batchwright.data.dedup.Sizes}; both give the same tables. From
 * text to band keys there is no object per shingle or text: {@link
 * io.batchwright.data.dedup.Signer} keeps buffers, one a task.
 */
package io.batchwright.data.dedup;
