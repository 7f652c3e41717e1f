/**
 * Models leave in the formats the rest of the world loads.
 *
 * <p>In reading order: {@link io.batchwright.train.export.Encoder} opens a folder and encodes,
 * {@link io.batchwright.train.export.StaticEncoder} and {@link
 * io.batchwright.train.export.ModelEncoder} are its kinds, {@link
 * io.batchwright.train.export.TruncatedEncoder} is either with shorter vectors; {@link
 * io.batchwright.train.export.SentenceTransformersFolder} writes a static embedding, {@link
 * io.batchwright.train.export.EncoderFolder} a transformer, {@link
 * io.batchwright.train.export.DecoderFolder} one that writes; {@link
 * io.batchwright.train.safetensors} is the file format beneath. {@link
 * io.batchwright.train.export.TokenizedTask} lets several models share one tokenization.
 *
 * <p>Decisions: module names are sentence-transformers' legacy ones, which old and new versions
 * accept alike. Folders are local paths; a job that writes elsewhere copies the finished folder,
 * {@code batchwright.json} last.
 */
package io.batchwright.train.export;
