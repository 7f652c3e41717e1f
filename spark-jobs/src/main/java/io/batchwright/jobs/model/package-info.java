/**
 * Jobs that use a model folder.
 *
 * <p>Reading order: {@link io.batchwright.jobs.model.ModelPath} (finds and opens the folder),
 * {@link io.batchwright.jobs.model.SearchJob} and {@link io.batchwright.jobs.model.TextSearch} (one
 * query against a corpus in memory), {@link io.batchwright.jobs.model.EncodeJob} (a whole corpus on
 * executors, with {@code ShippedModel}).
 */
package io.batchwright.jobs.model;
