package io.batchwright.train.collective;

/**
 * A rank that is late, lost or failed, seen from another rank. The ring it happened on is unusable
 * from then on; Spark's retry of the stage builds a new one.
 */
public final class RankFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int rank;

  RankFailure(int rank, String message, Throwable cause) {
    super(message, cause);
    this.rank = rank;
  }

  /** The rank to look at first: the one that answered nobody, or said itself why it stopped. */
  public int rank() {
    return rank;
  }
}
