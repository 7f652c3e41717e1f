/**
 * Text encoders, from packed tokens to unit-length vectors, and the networks of language models.
 *
 * <p>Reading order: {@link io.batchwright.train.model.Model} (the recipe), {@link
 * io.batchwright.train.model.ModelInstance} (what it builds), {@link
 * io.batchwright.train.model.TextBatch}; {@link io.batchwright.train.model.BertEncoder} and {@link
 * io.batchwright.train.model.GptDecoder} (the transformers, each a {@link
 * io.batchwright.train.model.TokenNetwork}, which package {@code language} trains to name tokens).
 *
 * <table>
 * <caption>Members</caption>
 * <tr><th>Model</th><th>Idea</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.train.model.StaticEmbedding}</td><td>mean of token vectors</td>
 *     <td>texts are many and processors few; the default</td></tr>
 * <tr><td>{@link io.batchwright.train.model.PretrainedEncoder}</td><td>goes on from a folder in
 *     Hugging Face's layout</td><td>such a model exists for your language and texts</td></tr>
 * <tr><td>{@link io.batchwright.train.model.Gpt}</td><td>each position sees what stands before
 *     it</td><td>the model is to write: a causal language model</td></tr>
 * <tr><td>{@link io.batchwright.train.model.CustomModel}</td><td>yours</td>
 *     <td>none of these fits; name your class in the recipe</td></tr>
 * </table>
 *
 * <p>Letters: V vocabulary, D embedding dims, B texts of a batch, T tokens of a batch.
 *
 * <p>To add one, write a record that implements {@link io.batchwright.train.model.Model}, name it
 * in its {@code permits} clause, and compose it of layers.
 *
 * <p>Decisions: queries and positives share one encoder; a batch is packed, never padded; initial
 * values are keyed by position, so they depend on neither the backend nor the number of ranks.
 */
package io.batchwright.train.model;
