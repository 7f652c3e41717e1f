/**
 * Deduplication of one snapshot after another, against an index of what earlier ones kept.
 *
 * <p>Reading order: {@link io.batchwright.data.dedup.index.DedupIndex} (what can be done), {@link
 * io.batchwright.data.dedup.index.IndexUpdate} (what comes of a snapshot), then {@code
 * SnapshotUpdate} (how), {@code IndexMatches} (which documents the index represents), {@code
 * IndexSuccession} and {@code Withdrawal} (what becomes of versions that were replaced or never
 * published), {@code SnapshotEntries}, {@code IndexEntries} and {@code IndexHead} (what is stored),
 * {@code IndexTable} (how commits exclude each other), {@code IndexMaintenance}.
 *
 * <p>Decisions. One Delta table, because two cannot commit together; docs/decisions/0010. A
 * document of the index comes before every new one in the order of survival, so days one by one are
 * deduplication of the whole in the order of snapshots. Similarity to documents of the index is
 * measured on {@link io.batchwright.data.dedup.CompactShingles}.
 */
package io.batchwright.data.dedup.index;
