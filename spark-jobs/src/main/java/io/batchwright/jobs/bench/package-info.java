/**
 * Benchmarks: {@code batchwright bench AREA}.
 *
 * <p>Reading order: {@link io.batchwright.jobs.bench.BenchJob} (the command), {@link
 * io.batchwright.jobs.bench.BenchRecipe} (its settings), {@link
 * io.batchwright.jobs.bench.BenchArea} (what one area is), {@link io.batchwright.jobs.bench.Bench}
 * (what it measures with), {@link io.batchwright.jobs.bench.BenchPage} (the page it leaves).
 *
 * <p>To add an area, implement {@link io.batchwright.jobs.bench.BenchArea} in a package of its own
 * and add it to the list in {@code io.batchwright.jobs.Batchwright}. Its metrics' names are part of
 * the program's contract: a name that this run did not measure stands in {@code not_measured} with
 * the reason.
 *
 * <p>Decisions. Ratios compare figures of one run, on the same data and cores. Each area has rows
 * on the -sources jars that the build brings, so that anyone can repeat it; what needs other data
 * says so where they are absent. A bench has no stages to resume: it is measured in one go.
 */
package io.batchwright.jobs.bench;
