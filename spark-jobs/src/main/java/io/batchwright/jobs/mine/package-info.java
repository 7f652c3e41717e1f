/**
 * Mined negatives, and the ways in and out of them.
 *
 * <p>Reading order: {@link io.batchwright.jobs.mine.MineJob}, {@code CandidatesStage} (embeddings
 * to ranked documents), {@code NegativesStage} (ranked documents to negatives), {@code MinedPage}
 * (what people read before they train).
 */
package io.batchwright.jobs.mine;
