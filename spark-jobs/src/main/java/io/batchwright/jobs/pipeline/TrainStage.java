package io.batchwright.jobs.pipeline;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.config.RecipeTree;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.train.checkpoint.Weights;
import io.batchwright.train.rank.RankReport;
import io.batchwright.train.rank.Stragglers;
import io.batchwright.train.rank.TrainRecipe;
import io.batchwright.train.rank.TrainResult;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * Takes synchronized gradient steps on all ranks and exports the model: checkpoints/,
 * metrics.jsonl, model/.
 */
final class TrainStage implements StageBody {
  static final String NAME = "train";
  static final String MODEL = "model";

  /** Keys of {@code train} that say how it computes, not what. */
  private static final Set<String> HOW =
      Set.of(
          "ranks",
          "threads",
          "backend",
          "stepTimeout",
          "keepCheckpoints",
          "memoryPerRankBytes",
          "socketsPerPeer");

  private final Training training;
  private final RefreshedTraining.Planned planned;
  private final Layout layout;

  /** Lays the planned batches out for the ranks of now. */
  interface Layout {
    void lay(StageContext context) throws IOException;
  }

  TrainStage(Training training, RefreshedTraining.Planned planned, Layout layout) {
    this.training = training;
    this.planned = planned;
    this.layout = layout;
  }

  /** Those keys as a recipe has them. */
  static Set<String> mayChangeOnResume() {
    return HOW.stream().map(key -> "train." + key).collect(Collectors.toSet());
  }

  /** Identifies what is trained. */
  static String fingerprint(TrainRecipe recipe) {
    return Fingerprint.of(RecipeTree.toJson(recipe).remove(HOW));
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
      List<Refresh> refreshes,
      List<String> warnings) {}

  @Override
  public StageReport run(StageContext context) throws IOException {
    Path directory = context.dir();
    layout.lay(context);
    RefreshedTraining refreshed = new RefreshedTraining(training, context, planned);
    TrainResult result = refreshed.run();
    List<Weights> weights = training.weights(context, directory);
    new ModelFolder(training.recipe(), training.origin())
        .write(context, weights, new Path(directory, MODEL), result);
    context.artifact("model", MODEL);
    context.artifact("metrics", "metrics.jsonl");
    Path events = new Path(directory, "tensorboard");
    if (events.getFileSystem(context.spark().sessionState().newHadoopConf()).exists(events)) {
      context.artifact("tensorboard", events.getName());
    }
    List<Refresh> refreshes = refreshed.refreshes();
    return StageReport.of(ledger(context, refreshes), headline(result))
        .withMetrics(metrics(result, refreshes))
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
                    refreshes,
                    result.warnings())));
  }

  /** What was planned before training, and what refreshes planned of the same samples. */
  private LedgerEntry ledger(StageContext context, List<Refresh> refreshes) {
    long before = context.rows("plan");
    long later = 0;
    long expanded = 0;
    SortedMap<String, Long> dropped = new TreeMap<>();
    for (Refresh refresh : refreshes) {
      later += context.rows(RefreshedEpochs.planTable(refresh.epoch()));
      expanded += refresh.epochs() * context.rows("samples");
      Reasons.count(context.read(RefreshedEpochs.removedTable(refresh.epoch())))
          .forEach((reason, count) -> dropped.merge(reason, count, Long::sum));
    }
    return LedgerEntry.of(NAME, before, before + later)
        .with(dropped, Map.of())
        .expandedBy(expanded);
  }

  private String headline(TrainResult result) {
    return String.format(
        Locale.ROOT,
        "%,d steps on %d ranks%s, final loss %.3f%s; compute %.1f s, wait %.1f s, data %.1f s;"
            + " weights %s",
        result.steps(),
        result.ranks().size(),
        chosen(result),
        result.finalLoss(),
        perplexity(result),
        result.computeSeconds(),
        result.waitSeconds(),
        result.dataSeconds(),
        result.weightsSha256().substring(0, 12));
  }

  /** The best perplexity of a language model's validations, where there were any. */
  private String perplexity(TrainResult result) {
    return training.recipe().languageModel() && result.best().step() >= 0
        ? String.format(
            Locale.ROOT,
            ", perplexity of documents set aside %.2f after step %,d",
            Math.exp(result.best().value()),
            result.best().step())
        : "";
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

  private Map<String, Double> metrics(TrainResult result, List<Refresh> refreshes) {
    Map<String, Double> metrics = new HashMap<>();
    metrics.put("train_steps", (double) result.steps());
    metrics.put("train_skipped_steps", (double) result.skippedSteps());
    if (Double.isFinite(result.finalLoss())) {
      metrics.put("train_final_loss", result.finalLoss());
    }
    if (result.best().step() >= 0) {
      metrics.put("train_best_step", (double) result.best().step());
      metrics.put("train_best_" + monitor(), result.best().value());
      if (training.recipe().languageModel()) {
        metrics.put("train_best_perplexity", Math.exp(result.best().value()));
      }
    }
    metrics.put("train_weights_step", (double) result.weightsStep());
    metrics.put("train_compute_seconds", result.computeSeconds());
    metrics.put("train_wait_seconds", result.waitSeconds());
    metrics.put("train_data_seconds", result.dataSeconds());
    metrics.put("train_attempts", (double) result.attempts());
    metrics.putAll(new Stragglers(result.ranks()).metrics());
    if (!refreshes.isEmpty()) {
      metrics.put("refreshes", (double) refreshes.size());
      metrics.put("refresh_seconds", refreshes.stream().mapToDouble(Refresh::seconds).sum());
      metrics.put(
          "refresh_wait_seconds", refreshes.stream().mapToDouble(Refresh::waitSeconds).sum());
      metrics.put(
          "refresh_staleness_steps",
          refreshes.stream().mapToDouble(Refresh::stalenessSteps).max().getAsDouble());
      metrics.put(
          "refresh_staleness_steps_at_end",
          refreshes.stream().mapToDouble(Refresh::stalenessAtEnd).max().getAsDouble());
    }
    return metrics;
  }
}
