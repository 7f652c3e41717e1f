package io.batchwright.jobs.pipeline;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.rank.RankReport;
import io.batchwright.train.rank.Stragglers;
import io.batchwright.train.rank.TrainResult;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * Takes synchronized gradient steps on all ranks and exports the model: checkpoints/,
 * metrics.jsonl, model/.
 */
final class TrainStage implements StageBody {
  static final String NAME = "train";
  static final String MODEL = "model";

  private final Training training;
  private final long steps;

  TrainStage(Training training, long steps) {
    this.training = training;
    this.steps = steps;
  }

  /** What the report shows of this stage. */
  record Trained(
      long steps,
      double finalLoss,
      String weightsSha256,
      String determinismKey,
      int attempts,
      long resumedFrom,
      List<RankReport> ranks,
      List<String> warnings) {}

  @Override
  public StageReport run(StageContext context) throws IOException {
    Path directory = context.dir();
    TrainResult result = training.run(context, directory, steps);
    List<Weights> weights = training.weights(context, directory);
    new ModelFolder(training.recipe(), training.origin())
        .write(context, weights, new Path(directory, MODEL), result);
    context.artifact("model", MODEL);
    context.artifact("metrics", "metrics.jsonl");
    Path events = new Path(directory, "tensorboard");
    if (events.getFileSystem(context.spark().sessionState().newHadoopConf()).exists(events)) {
      context.artifact("tensorboard", events.getName());
    }
    long planned = context.rows("plan");
    return StageReport.of(LedgerEntry.of(NAME, planned, planned), headline(result))
        .withMetrics(metrics(result))
        .withNotMeasured(
            Double.isFinite(result.finalLoss())
                ? Map.of()
                : Map.of("train_final_loss", "an earlier launch took the last step"))
        .withDetails(
            Details.of(
                new Trained(
                    result.steps(),
                    Double.isFinite(result.finalLoss()) ? result.finalLoss() : 0,
                    result.weightsSha256(),
                    result.determinismKey(),
                    result.attempts(),
                    result.resumedFrom(),
                    result.ranks(),
                    result.warnings())));
  }

  private String headline(TrainResult result) {
    return String.format(
        Locale.ROOT,
        "%,d steps on %d ranks%s, final loss %.3f; compute %.1f s, wait %.1f s, data %.1f s; weights"
            + " %s",
        result.steps(),
        result.ranks().size(),
        chosen(result),
        result.finalLoss(),
        result.computeSeconds(),
        result.waitSeconds(),
        result.dataSeconds(),
        result.weightsSha256().substring(0, 12));
  }

  /** What validation decided, where it decided anything. */
  private String chosen(TrainResult result) {
    String early = result.stoppedEarly() ? ", ended early by validation" : "";
    return result.weightsStep() == result.steps()
        ? early
        : String.format(
            Locale.ROOT,
            "%s, weights of step %,d (validation %s %.3f)",
            early,
            result.weightsStep(),
            monitor(),
            result.best().value());
  }

  private String monitor() {
    return training.recipe().train().validation().monitor().name().toLowerCase(Locale.ROOT);
  }

  private Map<String, Double> metrics(TrainResult result) {
    Map<String, Double> metrics = new HashMap<>();
    metrics.put("train_steps", (double) result.steps());
    metrics.put("train_skipped_steps", (double) result.skippedSteps());
    if (Double.isFinite(result.finalLoss())) {
      metrics.put("train_final_loss", result.finalLoss());
    }
    if (result.best().step() >= 0) {
      metrics.put("train_best_step", (double) result.best().step());
      metrics.put("train_best_" + monitor(), result.best().value());
    }
    metrics.put("train_weights_step", (double) result.weightsStep());
    metrics.put("train_compute_seconds", result.computeSeconds());
    metrics.put("train_wait_seconds", result.waitSeconds());
    metrics.put("train_data_seconds", result.dataSeconds());
    metrics.put("train_attempts", (double) result.attempts());
    metrics.putAll(new Stragglers(result.ranks()).metrics());
    return metrics;
  }
}
