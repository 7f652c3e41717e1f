/**
 * Losses over pairs of embeddings, with negatives from the whole global batch.
 *
 * <p>Reading order: {@link io.batchwright.train.loss.Loss}, {@link
 * io.batchwright.train.loss.EmbeddingPairs}, {@link io.batchwright.train.loss.GatheredPairs},
 * {@link io.batchwright.train.loss.GatheredNegatives} and {@link
 * io.batchwright.train.loss.Teaching} (what it reads), {@link io.batchwright.train.loss.InfoNce},
 * {@code Candidates} and {@code FalseNegatives} (what a row is scored against, and what is out).
 *
 * <table>
 * <caption>Members</caption>
 * <tr><th>Loss</th><th>Idea</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.train.loss.InfoNce}</td><td>find your positive in the batch</td>
 *     <td>pairs are all you have; the default</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.GistEmbed}</td><td>a guide takes out what it likes more
 *     than the positive</td><td>many answers are not labelled, and a better model exists</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.MarginMse}</td><td>a teacher's margins are targets</td>
 *     <td>you have cross-encoder scores of mined negatives</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.TasDualSupervision}</td><td>the same, and a second teacher
 *     for the rest of the batch</td><td>batches are of one topic</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.Dcl}, {@link io.batchwright.train.loss.Dclw}</td><td>the
 *     positive is not in the sum</td><td>batches are small</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.NgameTriplet}</td><td>the hardest ten of the batch</td>
 *     <td>batches are clusters, labels are many</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.Matryoshka}</td><td>any loss on prefixes</td>
 *     <td>vectors will be shortened after training</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.GradCache}</td><td>any loss, texts encoded in chunks</td>
 *     <td>the batch does not fit into memory</td></tr>
 * <tr><td>{@link io.batchwright.train.loss.CustomLoss}</td><td>yours</td>
 *     <td>none of these fits; name your class in the recipe</td></tr>
 * </table>
 *
 * <p>Letters: b pairs of this rank, N pairs and M mined negatives of all ranks, C candidates of a
 * row, D embedding dims, G dims of a guide.
 *
 * <p>To add one, write a record that implements {@link io.batchwright.train.loss.Loss}, name it in
 * the {@code permits} clause, and compose it of graph operations. The contract test picks it up: it
 * wants gradients that agree with finite differences, and the same loss and gradients however the
 * batch is split over ranks.
 *
 * <p>Decisions: a rank returns its sum divided by the global count, never its own mean, because
 * ranks may hold different counts; a masked score is minus infinity, never multiplied by zero; the
 * true pair is known by its position and is never masked; gathered embeddings carry their gradient
 * back to the rank that owns them.
 */
package io.batchwright.train.loss;
