/**
 * Benchmarks of what ranks do together: {@link
 * io.batchwright.jobs.bench.collective.CollectiveBench}.
 */
package io.batchwright.jobs.bench.collective;
