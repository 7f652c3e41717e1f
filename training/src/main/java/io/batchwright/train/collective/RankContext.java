package io.batchwright.train.collective;

import io.batchwright.technique.Check;
import java.time.Duration;

/**
 * Who a rank is, and what it needs to be recognised by the others.
 *
 * @param rank this process, from 0
 * @param world number of ranks
 * @param attempt Spark's attempt number of the stage; ranks of another attempt are refused
 * @param runId name of the run, the same on every rank
 * @param runKey 256-bit key that the driver drew for this run
 * @param timeout longest wait for a peer within one operation
 * @param confidential whether data between ranks is encrypted
 * @param socketsPerPeer connections over which data goes to one rank, 1 to {@value #MOST_SOCKETS};
 *     the same on all ranks
 */
public record RankContext(
    int rank,
    int world,
    int attempt,
    String runId,
    byte[] runKey,
    Duration timeout,
    boolean confidential,
    int socketsPerPeer) {
  /** The most. */
  public static final int MOST_SOCKETS = 16;

  /**
   * The usual number: on a loopback two connections are as fast as one where the machine is idle,
   * and a third faster where it is busy; four are no faster ({@code bench collective}).
   */
  public static final int USUAL_SOCKETS = 2;

  /** Without encryption, over the usual number of connections. */
  public RankContext(
      int rank, int world, int attempt, String runId, byte[] runKey, Duration timeout) {
    this(rank, world, attempt, runId, runKey, timeout, false, USUAL_SOCKETS);
  }

  public RankContext {
    Check.atLeast("RankContext.world", world, 1);
    Check.range("RankContext.rank", rank, 0, true, world, false);
    Check.atLeast("RankContext.attempt", attempt, 0);
    Check.notBlank("RankContext.runId", runId);
    Check.that(runKey.length == 32, "RankContext.runKey", "must have 32 bytes");
    Check.positive("RankContext.timeout", timeout.toMillis());
    Check.range("RankContext.socketsPerPeer", socketsPerPeer, 1, true, MOST_SOCKETS, true);
  }

  /** A context without peers. */
  public static RankContext alone() {
    return new RankContext(0, 1, 0, "alone", new byte[32], Duration.ofMinutes(1));
  }

  @Override
  public String toString() {
    return "rank %d of %d, attempt %d of run %s".formatted(rank, world, attempt, runId);
  }
}
