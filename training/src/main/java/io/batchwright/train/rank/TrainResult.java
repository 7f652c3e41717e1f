package io.batchwright.train.rank;

import io.batchwright.train.checkpoint.BestValidation;
import java.util.ArrayList;
import java.util.List;

/**
 * What a training run came to.
 *
 * @param steps steps of all epochs
 * @param skippedSteps of those that this launch took, how many were left out because something was
 *     not finite
 * @param finalLoss of the last step; NaN where this launch found everything done
 * @param weightsStep the step whose weights the run ends with; -1 where training failed
 * @param best the best validation
 * @param stoppedEarly whether training ended because validation became no better
 * @param weightsSha256 of the final weights, the same on all ranks
 * @param ranks each rank's own report with its times
 * @param attempts how often the stage was tried in this launch, at least 1
 * @param resumedFrom the step of the checkpoint this launch first went on from, or -1
 * @param checkpoint folder of the final checkpoint
 * @param determinismKey what the bits depend on besides the configuration
 * @param warnings what people should know
 */
public record TrainResult(
    long steps,
    long skippedSteps,
    double finalLoss,
    long weightsStep,
    BestValidation best,
    boolean stoppedEarly,
    String weightsSha256,
    List<RankReport> ranks,
    int attempts,
    long resumedFrom,
    String checkpoint,
    String determinismKey,
    List<String> warnings) {

  /** This result with more that people should know. */
  public TrainResult withWarnings(List<String> more) {
    List<String> all = new ArrayList<>(warnings);
    all.addAll(more);
    return new TrainResult(
        steps,
        skippedSteps,
        finalLoss,
        weightsStep,
        best,
        stoppedEarly,
        weightsSha256,
        ranks,
        attempts,
        resumedFrom,
        checkpoint,
        determinismKey,
        all);
  }

  /** This result of a part of a run with what {@code earlier}, the part before it, took. */
  public TrainResult after(TrainResult earlier) {
    List<RankReport> both = new ArrayList<>();
    for (int rank = 0; rank < ranks.size(); rank++) {
      both.add(ranks.get(rank).after(earlier.ranks.get(rank)));
    }
    RankReport first = both.get(0);
    List<String> all = new ArrayList<>(earlier.warnings);
    all.addAll(warnings);
    return new TrainResult(
        steps,
        first.skippedSteps(),
        first.finalLoss(),
        weightsStep,
        best,
        stoppedEarly,
        weightsSha256,
        both,
        Math.max(attempts, earlier.attempts),
        earlier.resumedFrom,
        checkpoint,
        determinismKey,
        all);
  }

  /** Seconds of forward, loss, backward and update, the mean over ranks. */
  public double computeSeconds() {
    return ranks.stream().mapToDouble(RankReport::computeSeconds).average().orElse(0);
  }

  /** Seconds of waiting for other ranks, the mean over ranks. */
  public double waitSeconds() {
    return ranks.stream().mapToDouble(RankReport::waitSeconds).average().orElse(0);
  }

  /** Seconds of waiting for batches, the mean over ranks. */
  public double dataSeconds() {
    return ranks.stream().mapToDouble(RankReport::dataSeconds).average().orElse(0);
  }
}
