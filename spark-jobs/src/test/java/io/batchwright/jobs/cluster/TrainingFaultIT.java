package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.batchwright.jobs.cluster.Fault.Kind;
import io.batchwright.jobs.cluster.Fault.Phase;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.rank.TrainResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Training on a standalone cluster one of whose ranks is killed, frozen, cut off the network or out
 * of disk, in the middle of a forward pass, a reduction or a checkpoint: the stage fails within its
 * deadline, is tried again from the last checkpoint, and ends with the weights of an unbroken run,
 * bit for bit.
 *
 * <p>Eight of the 24 combinations run by default, so that each fault befalls each rank, and each
 * phase both; {@code -Dbatchwright.faults.all=true} runs them all. The network is cut between
 * network namespaces (those cases are skipped where they are not allowed), a full disk is a file
 * system that fails as the operating system does.
 */
@Tag("cluster")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrainingFaultIT {
  private static final Duration STEP_TIMEOUT = Duration.ofSeconds(12);

  /** A frozen executor gives its slot back after both together at the latest. */
  private static final Map<String, String> LOST_EXECUTORS =
      Map.of("spark.network.timeout", "20s", "spark.network.timeoutInterval", "2s");

  @TempDir private static Path folder;
  private static FaultCluster cluster;
  private static TrainResult unbroken;

  @BeforeAll
  static void start() throws Exception {
    cluster = FaultCluster.start(folder);
    cluster.open(2, LOST_EXECUTORS);
    unbroken = cluster.train("unbroken", InfoNce.PAPER, STEP_TIMEOUT);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static List<Arguments> faults() {
    List<Arguments> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int rank = 0; rank < 2; rank++) {
        for (Phase phase : Phase.values()) {
          all.add(Arguments.of(kind, rank, phase));
        }
      }
    }
    return Boolean.getBoolean("batchwright.faults.all")
        ? all
        : List.of(
            Arguments.of(Kind.KILL, 0, Phase.CHECKPOINT),
            Arguments.of(Kind.KILL, 1, Phase.FORWARD),
            Arguments.of(Kind.FREEZE, 0, Phase.FORWARD),
            Arguments.of(Kind.FREEZE, 1, Phase.REDUCE),
            Arguments.of(Kind.CUT, 0, Phase.REDUCE),
            Arguments.of(Kind.CUT, 1, Phase.CHECKPOINT),
            Arguments.of(Kind.FULL_DISK, 0, Phase.REDUCE),
            Arguments.of(Kind.FULL_DISK, 1, Phase.CHECKPOINT));
  }

  @Order(1)
  @ParameterizedTest
  @MethodSource("faults")
  @Timeout(300)
  void theWeightsAreThoseOfAnUnbrokenRun(Kind kind, int rank, Phase phase) throws Exception {
    assumeTrue(kind != Kind.CUT || cluster.network().isPresent(), "no network namespaces here");
    Fault fault = fault(kind, rank, phase);
    FirstFailure failure = new FirstFailure();
    cluster.spark().sparkContext().addSparkListener(failure);
    CompletableFuture<Void> cable = CompletableFuture.runAsync(() -> cutAndHeal(fault, failure));
    String name = name(fault);
    TrainResult result;
    try {
      result = cluster.train(name, loss(fault, name), STEP_TIMEOUT);
    } finally {
      cluster.spark().sparkContext().removeSparkListener(failure);
      fault.signal(Fault.CUT_WANTED, ""); // where nobody wanted it
    }
    cable.get();
    assertThat(fault.struck()).isTrue();
    assertThat(result.attempts()).isGreaterThan(1);
    assertThat(result.resumedFrom()).isPositive();
    assertSameAsUnbroken(result, name);
    long struckAt = fault.timeOf(Fault.STRUCK);
    System.out.printf(
        "%s: noticed after %.1f s, training again after %.1f s, from step %d, %d attempts%n",
        fault,
        (failure.at.get() - struckAt) / 1e3,
        (fault.timeOf(Fault.RESUMED) - struckAt) / 1e3,
        result.resumedFrom(),
        result.attempts());
  }

  @Order(2)
  @Test
  @Timeout(300)
  void aFrozenRankThatWakesUpLateChangesNothing() throws Exception {
    // A third slot lets the second attempt start while the frozen rank still holds its own.
    cluster.open(3, Map.of("spark.network.timeout", "240s"));
    Fault fault = fault(Kind.FREEZE, 0, Phase.CHECKPOINT);
    CompletableFuture<Void> waking = CompletableFuture.runAsync(() -> wakeOnceResumed(fault));
    TrainResult result =
        cluster.train("late", new PausesOnceResumed(fault, secondCheckpoint("late")), STEP_TIMEOUT);
    waking.get();
    assertThat(fault.struck()).isTrue();
    assertThat(result.attempts()).isEqualTo(2);
    assertSameAsUnbroken(result, "late");
  }

  private static void assertSameAsUnbroken(TrainResult result, String name) throws IOException {
    assertThat(result.weightsSha256()).isEqualTo(unbroken.weightsSha256());
    assertThat(result.steps()).isEqualTo(unbroken.steps());
    assertThat(cluster.steps(name))
        .hasSize((int) unbroken.steps())
        .isEqualTo(cluster.steps("unbroken"));
  }

  private static Fault fault(Kind kind, int rank, Phase phase) throws IOException {
    Path signals = Files.createTempDirectory(folder, "signals");
    return new Fault(kind, rank, phase, signals.toString());
  }

  private static String name(Fault fault) {
    return "%s-%d-%s".formatted(fault.kind(), fault.rank(), fault.phase());
  }

  private static FaultyLoss loss(Fault fault, String name) {
    return new FaultyLoss(fault, secondCheckpoint(name));
  }

  private static String secondCheckpoint(String name) {
    return cluster.secondCheckpoint(name).toString();
  }

  /** Pulls a rank's cable when it asks for that, until the other rank has given up. */
  private static void cutAndHeal(Fault fault, FirstFailure failure) {
    try {
      fault.await(Fault.CUT_WANTED, Duration.ofMinutes(4));
      String host = Files.readString(Path.of(fault.signals(), Fault.CUT_WANTED));
      if (fault.kind() != Kind.CUT || host.isEmpty()) {
        return;
      }
      cluster.network().orElseThrow().cut(host);
      fault.signal(Fault.CUT_DONE, "");
      while (failure.at.get() == 0) {
        Thread.sleep(50);
      }
      cluster.network().orElseThrow().heal(host);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void wakeOnceResumed(Fault fault) {
    assertThat(fault.await(Fault.RESUMED, Duration.ofMinutes(2))).isTrue();
    cluster
        .cluster()
        .executors()
        .forEach(
            executor -> {
              try {
                new ProcessBuilder("kill", "-CONT", Long.toString(executor.pid())).start();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  /** When Spark first gave a stage up. */
  private static final class FirstFailure extends SparkListener {
    private final AtomicLong at = new AtomicLong();

    @Override
    public void onStageCompleted(SparkListenerStageCompleted completed) {
      if (completed.stageInfo().failureReason().isDefined()) {
        at.compareAndSet(0, System.currentTimeMillis());
      }
    }
  }
}
