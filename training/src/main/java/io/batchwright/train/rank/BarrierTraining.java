package io.batchwright.train.rank;

import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.checkpoint.Checkpoints;
import io.batchwright.train.checkpoint.MetricsSegments;
import io.batchwright.train.checkpoint.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag$;

/**
 * Training on the executors, seen from the driver.
 *
 * <p>All ranks run as one barrier stage: Spark starts them together and fails them together. Behind
 * the stage stands a shuffle, without which Spark would not retry it; a lost rank then costs the
 * steps since the last checkpoint, up to {@code spark.stage.maxConsecutiveAttempts} times. A wrong
 * recipe is not tried again, and data that cannot be used, or read at the moment, once. Spark never
 * runs a second copy of a barrier task, whatever {@code spark.speculation} says.
 */
public final class BarrierTraining {
  private static final Logger LOG = LoggerFactory.getLogger(BarrierTraining.class);
  private static final long LISTENER_MILLIS = 5_000;
  private static final String INTERRUPT = "spark.job.interruptOnCancel";

  private BarrierTraining() {}

  /**
   * Trains, from the newest checkpoint in the run's folder if there is one.
   *
   * @param progress hears of steps while they happen, some may be left out; with executor
   *     heartbeats every 2 s (spark.executor.heartbeatInterval) it hears them at that pace
   * @throws BatchwrightException with exit code 4 if Spark has fewer slots than ranks, 3 if shards
   *     are missing, 2 if dynamic allocation is on or there are fewer lanes than ranks
   * @throws IllegalStateException if training failed for good; the message is the first cause
   */
  public static TrainResult run(SparkSession spark, TrainSpec spec, TrainingListener progress) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int world = spec.recipe().ranks();
    Configuration hadoop = context.hadoopConfiguration();
    requireValidation(spec);
    requireShards(spec, hadoop);
    Optional<ResourceProfile> profile = TaskSlots.require(context.sc(), spec.recipe());
    Optional<String> crowded = RankResources.crowded(context.sc(), spec.recipe());
    crowded.ifPresent(LOG::warn);
    LiveReports live = new LiveReports();
    context.sc().register(live);
    LiveListener listener =
        new LiveListener(
            live.id(),
            lostExecutorSeconds(context.getConf()),
            progress,
            stage -> context.sc().cancelStage(stage, "a rank found a mistake of the user's"));
    context.sc().addSparkListener(listener);
    String interruptBefore = context.getLocalProperty(INTERRUPT);
    // A rank that waits for a lost peer must be woken, or the retry never starts.
    context.setLocalProperty(INTERRUPT, "true");
    context.setLocalProperty(LiveListener.RUN, String.valueOf(live.id()));
    try {
      int launch = new Checkpoints(spec.directory(), hadoop).nextLaunch();
      TrainTask task = new TrainTask(spec, launch, new SerializableConfiguration(hadoop), live);
      List<RankReport> reports = runStage(context, task, profile, world);
      listener.finish(live.value());
      new MetricsSegments(spec.directory(), hadoop).join();
      return result(reports, crowded);
    } catch (IOException e) {
      throw BatchwrightException.resources(
          "The run's folder %s cannot be used: %s".formatted(spec.directory(), e.getMessage()), e);
    } catch (BatchwrightException e) {
      throw e;
    } catch (Exception e) { // Scala's checked exceptions come undeclared.
      throw readable(e, listener, context.sc());
    } finally {
      context.setLocalProperty(INTERRUPT, interruptBefore);
      context.setLocalProperty(LiveListener.RUN, null);
      context.sc().removeSparkListener(listener);
    }
  }

  /** After how many seconds at the latest Spark gives up an executor that it hears nothing of. */
  private static long lostExecutorSeconds(SparkConf conf) {
    return conf.getTimeAsSeconds("spark.network.timeout", "120s")
        + conf.getTimeAsSeconds("spark.network.timeoutInterval", "60s");
  }

  /** The stream that a model's initial values are drawn from. */
  public static RandomStream initialValues(long seed) {
    return RandomStream.of(seed, "model", 0, 0);
  }

  private static void requireShards(TrainSpec spec, Configuration hadoop) {
    for (int epoch = 0; epoch < spec.untilEpoch(); epoch++) {
      requireLanes(spec.recipe().ranks(), spec.shards(), epoch, hadoop);
    }
    if (!spec.validation().isEmpty()) {
      requireLanes(spec.recipe().ranks(), spec.validation(), 0, hadoop);
    }
  }

  private static void requireLanes(int ranks, String shards, int epoch, Configuration hadoop) {
    try {
      int lanes = ShardManifest.read(shards, epoch, hadoop).lanes();
      if (lanes < ranks) {
        throw BatchwrightException.usage(
            "%d ranks need at least as many lanes, but the shards of epoch %d in %s have %d. Set ranks: %d, or write the shards again with more lanes."
                .formatted(ranks, epoch, shards, lanes, lanes));
      }
    } catch (IOException e) {
      throw BatchwrightException.data(
          "The shards of epoch %d in %s cannot be read: %s"
              .formatted(epoch, shards, e.getMessage()),
          e);
    }
  }

  private static List<RankReport> runStage(
      JavaSparkContext context, TrainTask task, Optional<ResourceProfile> profile, int world) {
    List<Integer> numbers = IntStream.range(0, world).boxed().toList();
    RDD<Integer> ranks = context.parallelize(numbers, world).rdd();
    JavaRDD<String> reports =
        profile
            .map(ranks::withResources)
            .orElse(ranks)
            .barrier()
            .mapPartitions(task, false, ClassTag$.MODULE$.<String>apply(String.class))
            .toJavaRDD();
    // A result stage that loses a task fails the job; the stage before a shuffle is retried.
    return reports.repartition(1).collect().stream()
        .map(RankReport::fromJson)
        .sorted(Comparator.comparingInt(RankReport::rank))
        .toList();
  }

  /**
   * The parameters that the run in {@code directory} ended with, for export: those of its newest
   * whole checkpoint, or of the best one where its recipe said so.
   */
  public static List<Weights> finalWeights(String directory, Configuration hadoop)
      throws IOException {
    Checkpoints checkpoints = new Checkpoints(directory, hadoop);
    Checkpoints.Found newest =
        checkpoints
            .newest()
            .orElseThrow(
                () ->
                    BatchwrightException.data("%s holds no whole checkpoint".formatted(directory)));
    long last = newest.manifest().position().step();
    long ends = newest.manifest().best().endsWith(last);
    return checkpoints.parameters(ends == last ? newest : checkpoints.at(ends));
  }

  private static void requireValidation(TrainSpec spec) {
    if (spec.validation().isEmpty() && spec.recipe().validation().decides()) {
      throw BatchwrightException.usage(
          "train.validation.patience and exportBest need pairs to validate on: set"
              + " split.validationShare above 0, and a loss that needs no mined negatives.");
    }
  }

  private static TrainResult result(List<RankReport> reports, Optional<String> crowded) {
    RankReport first = reports.get(0);
    if (!first.failure().isEmpty()) {
      throw new IllegalStateException(first.failure());
    }
    Set<String> weights = new LinkedHashSet<>();
    List<String> warnings = new ArrayList<>();
    crowded.ifPresent(warnings::add);
    for (RankReport report : reports) {
      weights.add(report.weightsSha256());
      warnings.addAll(report.warnings());
    }
    Stragglers stragglers = new Stragglers(reports);
    stragglers.lines().forEach(LOG::info);
    stragglers.warning().ifPresent(warnings::add);
    if (weights.size() > 1) {
      throw new IllegalStateException("the ranks ended with different weights: " + weights);
    }
    return new TrainResult(
        first.steps(),
        first.skippedSteps(),
        first.finalLoss(),
        first.weightsStep(),
        first.best(),
        first.stoppedEarly(),
        first.weightsSha256(),
        reports,
        first.attempt() + 1,
        first.resumedFrom(),
        first.checkpoint(),
        first.determinismKey(),
        warnings);
  }

  private static RuntimeException readable(
      Exception failure, LiveListener listener, SparkContext context) {
    if (!(failure instanceof SparkException)) {
      return failure instanceof RuntimeException runtime
          ? runtime
          : new IllegalStateException(failure);
    }
    try {
      context.listenerBus().waitUntilEmpty(LISTENER_MILLIS);
    } catch (TimeoutException late) {
      // Then Spark's own words must do.
    }
    if (listener.userFailure().isPresent()) {
      return listener.userFailure().get();
    }
    Optional<String> memory = listener.memoryFailure();
    if (memory.isPresent()) {
      return BatchwrightException.resources(
          "Training failed, a rank has no memory left: %s. Take fewer pairs a step or more ranks, or raise train.memoryPerRankBytes where it is set."
              .formatted(memory.get()),
          failure);
    }
    String cause = listener.cause();
    return new IllegalStateException(
        "Training failed: " + (cause == null ? failure.getMessage() : cause), failure);
  }
}
