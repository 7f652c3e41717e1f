/**
 * Learning-rate schedules: pure functions of the step.
 *
 * <table>
 * <caption>Members</caption>
 * <tr><th>Schedule</th><th>Shape</th><th>Choose it when</th></tr>
 * <tr><td>{@link io.batchwright.train.schedule.WarmupCosine}</td><td>up, then half a cosine</td>
 *     <td>the length of the run is known; the default</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.Wsd}</td><td>up, flat, down</td>
 *     <td>a run may be prolonged or its plateau reused</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.Linear}</td><td>up, then straight down</td>
 *     <td>reproducing BERT's or sentence-transformers' recipes</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.InverseSquareRoot}</td><td>up, then 1 / root</td>
 *     <td>the run has no planned end</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.PowerScheduler}</td>
 *     <td>up, then a power of the tokens, down</td>
 *     <td>rates are to carry over to other lengths and batch sizes</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.RewarmCosine}</td><td>from a low rate up and down</td>
 *     <td>going on with a trained model on new data</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.BatchScaled}</td><td>another's, scaled</td>
 *     <td>the batch size differs from that of a known good rate</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.Constant}</td><td>up, flat</td>
 *     <td>comparing optimizers, or tests</td></tr>
 * <tr><td>{@link io.batchwright.train.schedule.CustomSchedule}</td><td>yours</td>
 *     <td>none of these fits; name your class in the recipe</td></tr>
 * </table>
 *
 * <p>To add one, write a record that implements {@link io.batchwright.train.schedule.Schedule},
 * name it in its {@code permits} clause and give it {@code @Paper} and {@code PAPER}; the contract
 * test picks it up.
 *
 * <p>Decisions: a schedule has no state, so a resumed run needs none of it; the peak rate belongs
 * to the schedule, an optimizer has no rate of its own.
 */
package io.batchwright.train.schedule;
