/**
 * Which vectors are closest: exact, in one process or as a Spark job.
 *
 * <p>Reading order: {@link io.batchwright.data.search.ExactSearch} (tiles on a backend), {@link
 * io.batchwright.data.search.TopK} (streaming selection), {@link
 * io.batchwright.data.search.EmbeddingTable} (vectors of a table, checked), {@link
 * io.batchwright.data.search.NeighbourSearch} (the same over tables of any size).
 *
 * <p>Decisions: brute force by matrix products, since for the corpora that negatives are mined from
 * it is faster than building an approximate index, needs no tuning and has recall 1; ties are
 * broken by id, so that the result is the same for any partitioning.
 *
 * <p>Letters: Q queries, N documents, D dims, k neighbours of each query.
 */
package io.batchwright.data.search;
