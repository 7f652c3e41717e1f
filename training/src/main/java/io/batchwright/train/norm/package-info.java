/**
 * Normalization layers.
 *
 * <p>Reading order: {@link io.batchwright.train.norm.Normalization} (the recipe), {@link
 * io.batchwright.train.norm.NormalizationLayer} (what it builds).
 *
 * <table>
 * <caption>Members</caption>
 * <tr><th>Normalization</th><th>Over</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.train.norm.LayerNorm}</td><td>each row</td>
 *     <td>rows must not depend on their batch; the default</td></tr>
 * <tr><td>{@link io.batchwright.train.norm.CustomNormalization}</td><td>yours</td>
 *     <td>none of these fits; name your class in the recipe</td></tr>
 * </table>
 *
 * <p>Letters: B rows of a batch, D their length.
 *
 * <p>To add one, write a record that implements {@link io.batchwright.train.norm.Normalization},
 * name it in its {@code permits} clause, and compose it of graph operations; the contract test
 * picks it up.
 */
package io.batchwright.train.norm;
