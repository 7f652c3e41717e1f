/**
 * Training as a Spark barrier stage. Only this package of the module uses Spark's scheduler.
 *
 * <p>Reading order: {@link io.batchwright.train.rank.TrainRecipe} and {@link
 * io.batchwright.train.rank.TrainSpec} (what to do), {@link
 * io.batchwright.train.rank.BarrierTraining} (the driver's side), {@code TrainTask} (the body of
 * one barrier task), {@code RankTraining} (one rank's work, without Spark), {@code Agreement} (do
 * all ranks see the same run), {@code TrainingState} (what is saved and brought back), {@code
 * BackgroundCheckpoints}.
 *
 * <p>Why not Spark's own barrier calls for gradients: {@code BarrierTaskContext.allGather} takes
 * about a second a call, since it polls. It is used once, to exchange addresses.
 */
package io.batchwright.train.rank;
