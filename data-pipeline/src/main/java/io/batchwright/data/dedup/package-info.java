/**
 * Duplicates: which documents repeat another one, and which of each cluster stays.
 *
 * <p>Reading order: {@link io.batchwright.data.dedup.Deduplicate} (the recipe), {@link
 * io.batchwright.data.dedup.Deduplication} (its result), {@link
 * io.batchwright.data.dedup.Deduplicator} (the family), then {@link
 * io.batchwright.data.dedup.Shingles} and {@link io.batchwright.data.dedup.SignatureScheme} (what
 * similarity is), {@link io.batchwright.data.dedup.ConnectedComponents}.
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
 * <p>To add one, implement {@link io.batchwright.data.dedup.Deduplicator}: find duplicates among
 * {@code search.roster()}, point each at the member with the least ordinal, and add the record to
 * the {@code permits} clause and to {@code DeduplicatorContractTest}.
 *
 * <p>Decisions. A document's ordinal is its place in the order of survival, so that "least" means
 * "survives" everywhere and no result depends on partitions. Buckets stream past their anchors;
 * nothing is a list per bucket. Shingle sets travel as packed bytes, for Spark boxes each element
 * of an array column.
 */
package io.batchwright.data.dedup;
