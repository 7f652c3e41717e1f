package io.batchwright.train.rank;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.ArenaLimitException;
import io.batchwright.train.collective.RankFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** Hears of the ranks' steps while they happen, and of what failed first. */
final class LiveListener extends SparkListener {
  /** Local property of the training job: the id of its {@link LiveReports}. */
  static final String RUN = "batchwright.training";

  private static final Logger LOG = LoggerFactory.getLogger(LiveListener.class);
  private static final int USAGE = 2;

  private final long accumulator;
  private final long lostExecutorSeconds;
  private final TrainingListener progress;
  private final IntConsumer hopeless;
  private final Set<Integer> stages = ConcurrentHashMap.newKeySet();
  private final Set<Integer> givenUp = ConcurrentHashMap.newKeySet();
  private final AtomicReference<String> ownFailure = new AtomicReference<>();
  private final AtomicReference<String> lostPeer = new AtomicReference<>();
  private final AtomicReference<BatchwrightException> userFailure = new AtomicReference<>();
  private final AtomicReference<String> memoryFailure = new AtomicReference<>();
  private int userFailureAttempt; // of the listener's thread
  private int attempt = -1;
  private final Map<Integer, Long> heard = new HashMap<>();

  /**
   * @param accumulator id of the {@link LiveReports}
   * @param lostExecutorSeconds after which Spark gives up an executor that it hears nothing of
   * @param progress hears of each step of each rank and attempt at most once, in order
   * @param hopeless hears of a stage that would fail the same way each time it is tried
   */
  LiveListener(
      long accumulator, long lostExecutorSeconds, TrainingListener progress, IntConsumer hopeless) {
    this.accumulator = accumulator;
    this.lostExecutorSeconds = lostExecutorSeconds;
    this.progress = progress;
    this.hopeless =
        stage -> {
          givenUp.add(stage);
          hopeless.accept(stage);
        };
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    CollectionConverters.asJava(update.accumUpdates())
        .forEach(
            task -> {
              int stageAttempt = (Integer) task._3();
              for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
                if (info.id() == accumulator
                    && info.update().isDefined()
                    && info.update().get() instanceof RankStep[] reports) {
                  show(stageAttempt, reports);
                }
              }
            });
  }

  /** What remained when the last task ended. */
  void finish(RankStep[] reports) {
    show(attempt, reports);
  }

  private synchronized void show(int stageAttempt, RankStep[] reports) {
    if (stageAttempt < attempt) {
      return;
    }
    if (stageAttempt > attempt) {
      attempt = stageAttempt;
      heard.clear();
    }
    for (RankStep step : reports) {
      if (step.report().step() > heard.getOrDefault(step.rank(), -1L)) {
        heard.put(step.rank(), step.report().step());
        progress.rank(step.rank(), step.report());
        if (step.rank() == 0) {
          progress.step(step.report());
        }
      }
    }
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    String run = submitted.properties() == null ? null : submitted.properties().getProperty(RUN);
    if (String.valueOf(accumulator).equals(run)) {
      stages.add(submitted.stageInfo().stageId());
    }
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    StageInfo stage = completed.stageInfo();
    if (stages.contains(stage.stageId())
        && stage.failureReason().isDefined()
        && !givenUp.contains(stage.stageId())) {
      LOG.warn(
          "Attempt {} of training failed: {} Spark starts all ranks again as soon as their slots"
              + " are free; that of an executor which is frozen or cut off is free after {} s at"
              + " the latest (spark.network.timeout + spark.network.timeoutInterval).",
          stage.attemptNumber() + 1,
          cause() == null ? "an executor was lost." : cause(),
          lostExecutorSeconds);
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (stages.contains(end.stageId()) && end.reason() instanceof ExceptionFailure failure) {
      if (failure.exception().isDefined()
          && failure.exception().get() instanceof BatchwrightException readable) {
        boolean again = end.stageAttemptId() > userFailureAttempt && sameAsBefore(readable);
        if (userFailure.compareAndSet(null, readable)) {
          userFailureAttempt = end.stageAttemptId();
        }
        if (readable.exitCode() == USAGE || (again && !readable.retryable())) {
          hopeless.accept(end.stageId());
        }
      }
      if (failure.className().equals(ArenaLimitException.class.getName())) {
        memoryFailure.compareAndSet(null, failure.description());
      }
      boolean ofPeer = failure.className().equals(RankFailure.class.getName());
      (ofPeer ? lostPeer : ownFailure).compareAndSet(null, failure.description());
    }
  }

  private boolean sameAsBefore(BatchwrightException failure) {
    return userFailure().filter(f -> f.getMessage().equals(failure.getMessage())).isPresent();
  }

  /** What the first rank threw that the user can act on; empty where none did. */
  Optional<BatchwrightException> userFailure() {
    return Optional.ofNullable(userFailure.get());
  }

  /** The message of the first rank that had no memory left; empty where none said so. */
  Optional<String> memoryFailure() {
    return Optional.ofNullable(memoryFailure.get());
  }

  /**
   * The message of the first rank that failed by itself, else of one that lost another; or null.
   */
  String cause() {
    return ownFailure.get() != null ? ownFailure.get() : lostPeer.get();
  }
}
