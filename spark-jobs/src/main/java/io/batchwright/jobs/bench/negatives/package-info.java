/**
 * Hard negatives, measured: {@code batchwright bench negatives}.
 *
 * <p>Reading order: {@link io.batchwright.jobs.bench.negatives.NegativesBench} (the area), {@code
 * QualitySection} (which trainings), {@code TrialSet} and {@code TrialData} (on what), {@code Arm}
 * (what differs), {@code Ingredients} (what arms need), {@code Trials} (the choice of rates and the
 * runs), {@code Findings} (comparisons and verdicts), {@code Figures} (tables and metrics).
 *
 * <p>To add an arm, add it to {@code Arm.ALL}: it is the recipe of random batches with some keys
 * changed. What it needs of other models comes from {@code Ingredients}, which counts the time.
 *
 * <p>Decisions. Every training is a run of the main job's own stages on one prepared corpus, in a
 * folder of its own: what is measured is what users run, and a bench that was stopped goes on.
 * Rates are chosen on held-out groups that are not those of the test. A training that has ended
 * keeps its run.json, its steps and its figures; tables, shards and weights go.
 */
package io.batchwright.jobs.bench.negatives;
