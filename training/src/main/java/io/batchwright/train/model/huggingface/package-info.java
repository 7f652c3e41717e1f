/**
 * Encoders and decoders in Hugging Face's layout, read and written back.
 *
 * <p>Reading order: {@link io.batchwright.train.model.huggingface.PretrainedFolder} is a folder,
 * {@link io.batchwright.train.model.huggingface.Architecture} what kinds there are, {@link
 * io.batchwright.train.model.huggingface.SentenceModules} what sentence-transformers adds, {@link
 * io.batchwright.train.model.huggingface.PretrainedCopy} writes the folder with new weights; {@link
 * io.batchwright.train.model.huggingface.BertFolder} and {@link
 * io.batchwright.train.model.huggingface.GptFolder} write what was trained from random weights.
 *
 * <p>To add an architecture that {@code BertEncoder} can compute, add a constant to {@link
 * io.batchwright.train.model.huggingface.Architecture}: its {@code model_type}, its sizes, the
 * names of its tensors.
 *
 * <p>Decisions: what the encoder would compute otherwise than the file's author meant is refused,
 * never approximated; attention dropout is the exception, which is not applied.
 */
package io.batchwright.train.model.huggingface;
