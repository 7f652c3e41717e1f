/**
 * Batchwright as a citizen of Spark ML.
 *
 * <p>Reading order: {@link io.batchwright.ml.DualEncoder} (learns from pairs of texts), {@link
 * io.batchwright.ml.DualEncoderModel} (adds a column of embeddings), {@code TextColumns} (the
 * parameters that both have), {@code FitRun} (one fit, as a run of the main job).
 *
 * <p>Nothing is trained here: a fit is the job {@code train} on the rows of a Dataset, in a folder
 * that the command line could go on from.
 */
package io.batchwright.ml;
