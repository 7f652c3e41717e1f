/**
 * Where training can go on after a failure: parameters, optimizer state, position, provenance.
 *
 * <p>Reading order: {@link io.batchwright.train.checkpoint.Checkpoints} (write, find, restore),
 * {@link io.batchwright.train.checkpoint.CheckpointManifest} (what is on disk), {@link
 * io.batchwright.train.checkpoint.WeightsHash}.
 *
 * <pre>
 * checkpoints/claims/LAUNCH-ATTEMPT        which attempts of the training stage have started
 * checkpoints/step-00000120/parameters.bin float bytes of all parameters, little-endian, one after the other
 *                          /optimizer.bin  the same for the optimizer's state
 *                          /manifest.json  written last; without it the checkpoint does not exist
 * </pre>
 *
 * <p>Everything goes through Hadoop's FileSystem, and nothing relies on an atomic rename.
 */
package io.batchwright.train.checkpoint;
