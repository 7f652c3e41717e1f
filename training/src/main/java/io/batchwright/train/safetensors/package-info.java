/**
 * The safetensors file format, read and written, with every check of its reference reader.
 *
 * <p>In reading order: {@link io.batchwright.train.safetensors.Safetensors} opens a file and reads
 * tensors, {@link io.batchwright.train.safetensors.SafetensorsWriter} writes one, from values in
 * memory or from {@link io.batchwright.train.safetensors.StoredTensor}s of another file, which go
 * through bit for bit, whatever their type.
 *
 * <p>Decision: files are streamed, never mapped, so that one may be replaced while it is read.
 */
package io.batchwright.train.safetensors;
