/**
 * The program: the command line and its jobs.
 *
 * <p>Reading order: {@link io.batchwright.jobs.Batchwright} lists the jobs, {@code pipeline} has
 * the main path, {@code run} runs a job, {@code config} reads its recipe, {@code cli} parses the
 * command line.
 */
package io.batchwright.jobs;
