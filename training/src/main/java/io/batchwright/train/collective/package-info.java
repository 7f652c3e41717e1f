/**
 * Processes that compute together: who they are, how they find each other, and what they do as one.
 *
 * <p>Reading order: {@link io.batchwright.train.collective.RankContext}, {@link
 * io.batchwright.train.collective.Collective}, {@link io.batchwright.train.collective.RankEndpoint}
 * (how a ring is joined), then the package-private {@code TcpRing}, {@code Segments} (what is moved
 * at a time), {@code RingSchedule} (which block goes where, and so the order of additions), {@code
 * Blocks} (where bytes lie), {@code RingTransfer} with {@code RingSender} and {@code RingReceiver}
 * (how they move), {@code PairOperations}, {@code PairTransfers} (connections), {@code Handshake},
 * {@code Wire} (sockets: one, several, sealed) and {@code Seal} (encryption), {@code RankGroup}
 * (who is to blame).
 *
 * <p>Letters: r a rank, R_r the rows that rank r brings, N the rows of all ranks, D columns.
 *
 * <p>The package knows nothing of Spark: whoever has addresses and a key can join a ring.
 */
package io.batchwright.train.collective;
