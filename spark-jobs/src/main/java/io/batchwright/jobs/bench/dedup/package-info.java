/**
 * {@code bench dedup}: quality, speed and growth of deduplication.
 *
 * <p>Reading order: {@link io.batchwright.jobs.bench.dedup.DedupBench} (the sections), the planted
 * set ({@link io.batchwright.jobs.bench.dedup.PlantedSet}, {@link
 * io.batchwright.jobs.bench.dedup.PlantedEdits}), the truth ({@link
 * io.batchwright.jobs.bench.dedup.PlainShingles}, {@link
 * io.batchwright.jobs.bench.dedup.ExactTruth}, {@link
 * io.batchwright.jobs.bench.dedup.AnchoredTruth}, {@link io.batchwright.jobs.bench.dedup.BCubed}),
 * then the peers.
 *
 * <p>Decisions. The truth shares no code with what it judges: shingles are strings, cut by a
 * regular expression, in sets of the Java library. Recall is measured from outside, through what a
 * run removes, on pairs that touch no other document.
 */
package io.batchwright.jobs.bench.dedup;
