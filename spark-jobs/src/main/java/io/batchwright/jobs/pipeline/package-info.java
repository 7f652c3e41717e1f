/**
 * The main job and its stages.
 *
 * <p>Reading order: {@link io.batchwright.jobs.pipeline.MainStages}, the list of stages; {@link
 * io.batchwright.jobs.pipeline.PipelineRecipe}, what a recipe says to each; then the stages in
 * their order.
 *
 * <p>A stage reads committed tables, commits its own, and reports a ledger, figures, one line for
 * the console and details for the report. To add one, write a {@code StageBody} and name it in
 * {@code MainStages}.
 */
package io.batchwright.jobs.pipeline;
