/**
 * Groups of vectors that are alike.
 *
 * <p>{@link io.batchwright.data.cluster.BalancedTwoMeans} makes clusters of equal size, as batches
 * of near samples need them, {@link io.batchwright.data.cluster.KMeans} clusters around means.
 *
 * <p>Letters: N vectors, D dims, K clusters.
 */
package io.batchwright.data.cluster;
