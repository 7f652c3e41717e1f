/**
 * Which vectors are closest: exact, in one process or as a Spark job, or nearly so by lists.
 *
 * <p>Reading order: {@link io.batchwright.data.search.ExactSearch} (tiles on a backend), {@link
 * io.batchwright.data.search.TopK} (streaming selection; on a GPU {@code KeptOnDevice}), {@link
 * io.batchwright.data.search.EmbeddingTable} (vectors of a table, checked), {@link
 * io.batchwright.data.search.NeighbourSearch} (the same over tables of any size), {@link
 * io.batchwright.data.search.ListSearch} (some of the documents for each query).
 *
 * <p>Decisions: brute force by matrix products, since for the corpora that negatives are mined from
 * it is faster than building an approximate index, needs no tuning and has recall 1; lists of
 * k-means beyond that, since batches are made of the same clusters; ties are broken by id, so that
 * the result is the same for any partitioning.
 *
 * <p>Letters: Q queries, N documents, D dims, k neighbours of each query.
 */
package io.batchwright.data.search;
