/**
 * Processes that train together: who they are, how they find each other, and what they do as one.
 *
 * <p>Reading order: {@link io.batchwright.train.rank.RankContext}, {@link
 * io.batchwright.train.rank.Collective}, {@link io.batchwright.train.rank.RankEndpoint} (how a ring
 * is joined), then the package-private {@code TcpRing}, {@code RingSchedule} (which block goes
 * where, and so the order of additions), {@code RingTransfer} (bytes), {@code Handshake}, {@code
 * RankGroup} (who is to blame).
 *
 * <p>Letters: r a rank, R_r the rows that rank r brings, N the rows of all ranks, D columns.
 *
 * <p>Why not Spark's own barrier calls: {@code BarrierTaskContext.allGather} takes about a second a
 * call, since it polls. It is used once, to exchange addresses.
 */
package io.batchwright.train.rank;
