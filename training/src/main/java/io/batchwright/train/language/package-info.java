/**
 * Language models: what they learn from texts, and the loss of it.
 *
 * <p>Reading order: {@link io.batchwright.train.language.TokenObjective} (the recipe) and its
 * {@link io.batchwright.train.language.TokenTask}, {@link io.batchwright.train.language.TokenHead},
 * {@link io.batchwright.train.loss.TiledCrossEntropy}.
 *
 * <table>
 * <caption>Members</caption>
 * <tr><th>Objective</th><th>Idea</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.train.language.CausalLanguageModel}</td><td>name the next
 *     token</td><td>the model is a decoder, or texts are to be written</td></tr>
 * <tr><td>{@link io.batchwright.train.language.MaskedLanguageModel}</td><td>name hidden
 *     tokens</td><td>the model is an encoder that will be fine-tuned</td></tr>
 * </table>
 *
 * <p>Letters: V vocabulary, D dims, T tokens of a batch, N tokens to be named, R rows of a tile.
 *
 * <pre>
 * TokenTask task = objective.task(step, batch, vocabulary, pass);
 * Variable states = decoder.states(g, task.batch(), pass);                  // [T, D]
 * g.backward(TokenHead.of(decoder).loss(g, states, task, task.count()));
 * </pre>
 *
 * <p>Decisions: the output's matrix is the model's table of words, one parameter in two places;
 * only positions that count go through the head; the matrix of all logits never exists.
 */
package io.batchwright.train.language;
