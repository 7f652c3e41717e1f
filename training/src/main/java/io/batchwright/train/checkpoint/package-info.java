/**
 * Where training can go on after a failure: parameters, optimizer state, position, provenance.
 *
 * <p>Reading order: {@link io.batchwright.train.checkpoint.CheckpointPart} (one rank's share),
 * {@link io.batchwright.train.checkpoint.Checkpoints} (write, publish, find, restore), {@link
 * io.batchwright.train.checkpoint.CheckpointManifest} (what is on disk), {@link
 * io.batchwright.train.checkpoint.WeightsHash}.
 *
 * <pre>
 * checkpoints/claims/LAUNCH-ATTEMPT          which attempts of the training stage have started
 * checkpoints/step-00000120/
 *   parameters-00000-of-00002.ATTEMPT.bin    bytes of all parameters, little-endian, one after the other: rank 0's half
 *   parameters-00001-of-00002.ATTEMPT.bin    rank 1's half
 *   optimizer-0000R-of-00002.ATTEMPT.bin     the same for the optimizer's state
 *   manifest.json                            written last; without it the checkpoint does not exist
 * </pre>
 *
 * <p>Everything goes through Hadoop's FileSystem, and nothing relies on an atomic rename. No file
 * but the manifest has the same name in two attempts, so one that wakes up late spoils nothing.
 */
package io.batchwright.train.checkpoint;
