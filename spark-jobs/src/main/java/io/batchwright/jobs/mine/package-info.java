/**
 * Mined negatives, and the ways in and out of them.
 *
 * <p>Reading order: {@link io.batchwright.jobs.mine.MineJob}, {@code CandidatesStage} (embeddings
 * to ranked documents), {@code NegativesStage} (ranked documents to negatives), {@code MinedPage}
 * (what people read before they train), {@link io.batchwright.jobs.mine.ExportPairsJob} and {@link
 * io.batchwright.jobs.mine.PairFormat} (mined pairs for other trainers).
 */
package io.batchwright.jobs.mine;
