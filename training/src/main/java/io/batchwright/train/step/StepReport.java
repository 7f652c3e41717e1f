package io.batchwright.train.step;

import java.io.Serializable;

/**
 * What one step did; the same on every rank except for the times, which are this rank's.
 *
 * @param epoch from 0
 * @param step steps taken so far in all epochs, this one included: the first step is 1
 * @param loss mean over the global batch, in nats
 * @param learningRate of this step
 * @param gradNorm norm of all gradients together, before clipping
 * @param samples in the global batch
 * @param tokens in the global batch, all roles
 * @param skipped whether the update was left out because something was not finite
 * @param validation what was measured after this step, {@link ValidationScores#NONE} after most
 * @param stepSeconds the whole step, waiting for data included
 * @param computeSeconds forward, loss, backward and update
 * @param waitSeconds waiting for other ranks
 * @param dataSeconds waiting for the batch
 */
public record StepReport(
    int epoch,
    long step,
    double loss,
    double learningRate,
    double gradNorm,
    long samples,
    long tokens,
    boolean skipped,
    ValidationScores validation,
    double stepSeconds,
    double computeSeconds,
    double waitSeconds,
    double dataSeconds)
    implements Serializable {

  /** This report with what was measured after the step. */
  public StepReport with(ValidationScores measured) {
    return new StepReport(
        epoch,
        step,
        loss,
        learningRate,
        gradNorm,
        samples,
        tokens,
        skipped,
        measured,
        stepSeconds,
        computeSeconds,
        waitSeconds,
        dataSeconds);
  }

  /** Samples of the global batch per second of this step. */
  public double samplesPerSecond() {
    return samples / Math.max(stepSeconds, 1e-9);
  }

  /** Tokens of the global batch per second of this step. */
  public double tokensPerSecond() {
    return tokens / Math.max(stepSeconds, 1e-9);
  }
}
