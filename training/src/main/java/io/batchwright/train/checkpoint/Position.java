package io.batchwright.train.checkpoint;

import java.io.Serializable;

/**
 * How far training is.
 *
 * @param step steps taken in all epochs
 * @param epoch the epoch of the next step, from 0
 * @param stepInEpoch the number of the next step within its epoch, from 0
 * @param optimizerSteps updates made; fewer than {@code step} where updates were skipped
 */
public record Position(long step, int epoch, long stepInEpoch, long optimizerSteps)
    implements Serializable {
  /** Before the first step. */
  public static final Position START = new Position(0, 0, 0, 0);
}
