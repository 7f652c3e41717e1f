/**
 * Texts that look right and are not.
 *
 * <p>Reading order: {@link io.batchwright.data.negative.NegativeMiner} and {@link
 * io.batchwright.data.negative.RandomNegatives}, {@link io.batchwright.data.negative.Rescoring} (a
 * better judge's scores), {@link io.batchwright.data.negative.JudgedCandidates} (all that filters
 * ask of a candidate), {@link io.batchwright.data.negative.NegativeFilter}, {@link
 * io.batchwright.data.negative.NegativeSelection} (candidates to negatives), {@link
 * io.batchwright.data.negative.TextEncoder}, which the training module implements so that mining
 * can use a model.
 *
 * <table>
 * <caption>Filters</caption>
 * <tr><th>Filter</th><th>Takes out</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.data.negative.KnownPositives}</td><td>what is known to answer</td>
 *     <td>always</td></tr>
 * <tr><td>{@link io.batchwright.data.negative.SameAnswer}</td><td>copies of what answers</td>
 *     <td>always</td></tr>
 * <tr><td>{@link io.batchwright.data.negative.TopKPercPos}</td><td>what scores 95 % of the
 *     positive</td><td>many answers are not labelled; the default</td></tr>
 * <tr><td>{@link io.batchwright.data.negative.AbsoluteMargin}, {@link
 *     io.batchwright.data.negative.RelativeMargin}, {@link
 *     io.batchwright.data.negative.ScoreRange}</td><td>by score</td><td>you know your miner's
 *     scores</td></tr>
 * <tr><td>{@link io.batchwright.data.negative.GuideDisagreement}</td><td>what another model likes
 *     more than the positive</td><td>there is a better model than the miner; the default where a
 *     guide is given</td></tr>
 * </table>
 *
 * <p>Decisions: miners rank candidates once, into a table; filters are conditions on its rows, so
 * that other settings need no encoding and no search. With the filters for score and rank, the
 * result is that of sentence-transformers' {@code mine_hard_negatives} on the same scores.
 */
package io.batchwright.data.negative;
