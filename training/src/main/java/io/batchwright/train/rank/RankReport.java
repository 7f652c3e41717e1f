package io.batchwright.train.rank;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.train.checkpoint.BestValidation;
import java.util.ArrayList;
import java.util.List;

/**
 * What one rank says at its end.
 *
 * @param rank its number
 * @param host where it ran
 * @param attempt Spark's attempt number of the stage
 * @param steps steps of the whole run, those before a resume included
 * @param stepsTaken steps that this rank took itself
 * @param skippedSteps of those, how many were left out because something was not finite
 * @param finalLoss of the last step taken; NaN where none was
 * @param resumedFrom the step of the checkpoint it went on from, or -1
 * @param weightsStep the step whose weights the run ends with; -1 where training failed
 * @param best the best validation
 * @param stoppedEarly whether training ended because validation became no better
 * @param weightsSha256 of the final weights
 * @param stepSeconds all steps together, waiting for batches included
 * @param computeSeconds forward, loss, backward and update, all steps together; what it takes to
 *     move and add gradients is part of it
 * @param reduceSeconds of those, moving and adding what ranks exchange, without waiting and without
 *     what went on beside the backward pass
 * @param waitSeconds waiting for other ranks
 * @param dataSeconds waiting for batches
 * @param bytesSent to other ranks
 * @param peakBytes most tensor memory in use
 * @param checkpoint folder of the last checkpoint, empty on ranks other than 0
 * @param determinismKey what the bits depend on besides the configuration
 * @param warnings what people should know
 * @param failure why training ended early on all ranks alike, or empty
 */
public record RankReport(
    int rank,
    String host,
    int attempt,
    long steps,
    long stepsTaken,
    long skippedSteps,
    double finalLoss,
    long resumedFrom,
    long weightsStep,
    BestValidation best,
    boolean stoppedEarly,
    String weightsSha256,
    double stepSeconds,
    double computeSeconds,
    double reduceSeconds,
    double waitSeconds,
    double dataSeconds,
    long bytesSent,
    long peakBytes,
    String checkpoint,
    String determinismKey,
    List<String> warnings,
    String failure) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** This report of a part of a run with what {@code earlier}, the part before it, took. */
  RankReport after(RankReport earlier) {
    List<String> all = new ArrayList<>(earlier.warnings);
    all.addAll(warnings);
    return new RankReport(
        rank,
        host,
        attempt,
        steps,
        stepsTaken + earlier.stepsTaken,
        skippedSteps + earlier.skippedSteps,
        Double.isNaN(finalLoss) ? earlier.finalLoss : finalLoss,
        earlier.resumedFrom,
        weightsStep,
        best,
        stoppedEarly,
        weightsSha256,
        stepSeconds + earlier.stepSeconds,
        computeSeconds + earlier.computeSeconds,
        reduceSeconds + earlier.reduceSeconds,
        waitSeconds + earlier.waitSeconds,
        dataSeconds + earlier.dataSeconds,
        bytesSent + earlier.bytesSent,
        Math.max(peakBytes, earlier.peakBytes),
        checkpoint,
        determinismKey,
        all,
        failure);
  }

  /** As text, which passes through Spark whatever its serializer. */
  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report of numbers and texts is valid JSON", e);
    }
  }

  static RankReport fromJson(String json) {
    try {
      return JSON.readValue(json, RankReport.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a rank's report is not valid JSON: " + json, e);
    }
  }
}
