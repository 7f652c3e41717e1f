/**
 * Several samples in one sequence.
 *
 * <p>Reading order: {@link io.batchwright.data.pack.Packing}, {@link
 * io.batchwright.data.pack.NoPacking}. Models that mean over tokens need none; sequence models get
 * theirs here.
 */
package io.batchwright.data.pack;
