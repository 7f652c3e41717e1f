/**
 * One synchronized training step.
 *
 * <p>Reading order: {@link io.batchwright.train.step.TrainStep}, {@link
 * io.batchwright.train.step.Objective}, the one place where training on pairs ({@link
 * io.batchwright.train.step.PairObjective}, with {@link io.batchwright.train.step.PairGathering},
 * what a loss reads) and language models ({@link io.batchwright.train.step.LanguageObjective})
 * differ, {@link io.batchwright.train.step.RoleEncoding} with {@code Texts} (how batches are filled
 * up), {@link io.batchwright.train.step.GradientReducer} (each gradient byte is reduced once) with
 * {@code BucketReduction} (beside the backward pass) and {@code Buckets} (in which order), {@link
 * io.batchwright.train.step.StepReport}, {@link io.batchwright.train.step.Validation} with {@link
 * io.batchwright.train.step.MiniRetrieval} (what is measured in between).
 *
 * <p>Letters: b pairs of this rank, N pairs of all ranks, D dims, U touched rows of a table.
 */
package io.batchwright.train.step;
