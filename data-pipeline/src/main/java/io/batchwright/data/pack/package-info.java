/**
 * Several pieces of documents in one sequence, for language models.
 *
 * <p>Reading order: {@link io.batchwright.data.pack.Packing} (which pieces share a sequence),
 * {@link io.batchwright.data.pack.BestFitPacking}, {@link io.batchwright.data.pack.NoPacking},
 * {@link io.batchwright.data.pack.PackedSamples} (samples of packed sequences, over Spark).
 *
 * <p>Decisions. Nothing in a batch is padded and no piece sees another, so a document is never cut
 * to fill a sequence: concatenating and chunking would cost context and buy nothing. Packing keeps
 * the tokens of steps and ranks even. Packed sequences are samples like any other: plan, shards and
 * placement know nothing of them.
 */
package io.batchwright.data.pack;
