/**
 * The command line.
 *
 * <p>Reading order: {@link io.batchwright.jobs.cli.BatchwrightCommand}; a job with a recipe becomes
 * a subcommand by being in the list that it gets, the others are classes here.
 */
package io.batchwright.jobs.cli;
