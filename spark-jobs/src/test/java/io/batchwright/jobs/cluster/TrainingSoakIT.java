package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.RandomStream;
import io.batchwright.train.loss.InfoNce;
import io.batchwright.train.rank.TrainResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run after the other on a standalone cluster while executors are killed at random moments:
 * each ends with the right weights, and nothing is left behind. Two minutes, or {@code
 * -Dbatchwright.soak.minutes=20}.
 */
@Tag("cluster")
class TrainingSoakIT {
  private static final Duration STEP_TIMEOUT = Duration.ofSeconds(30);
  private static final long STEP_MILLIS = 100;
  private static final int SEED = 17;

  /** Executors need some seconds to come back; a run must get on in between. */
  private static final int LEAST_PAUSE_MILLIS = 12_000;

  private static final int MORE_PAUSE_MILLIS = 10_000;

  @TempDir private static Path folder;

  @Test
  @Timeout(2400)
  void runsUnderRandomKillsEndWithTheRightWeightsAndLeaveNothing() throws Exception {
    Duration time = Duration.ofMinutes(Integer.getInteger("batchwright.soak.minutes", 2));
    try (FaultCluster cluster = FaultCluster.start(folder)) {
      cluster.open(2, Map.of("spark.stage.maxConsecutiveAttempts", "1000"));
      TrainResult unbroken = cluster.train("unbroken", InfoNce.PAPER, STEP_TIMEOUT);
      List<String> steps = cluster.steps("unbroken");
      long before = Leftovers.here().files();
      Killer killer = new Killer(cluster);
      CompletableFuture<Void> killing = CompletableFuture.runAsync(killer);
      int runs = 0;
      int attempts = 0;
      long deadline = System.nanoTime() + time.toNanos();
      try {
        while (System.nanoTime() < deadline) {
          String name = "run-" + runs++;
          TrainResult result = cluster.train(name, new PacedLoss(STEP_MILLIS), STEP_TIMEOUT);
          attempts += result.attempts();
          assertThat(result.weightsSha256()).isEqualTo(unbroken.weightsSha256());
          assertThat(cluster.steps(name)).isEqualTo(steps);
        }
      } finally {
        killer.stopped.set(true);
        killing.get();
      }
      Collection<Leftovers> leftovers = leftovers(cluster);
      System.out.printf(
          "soak of %d min, seed %d: %d runs of %d steps, %d attempts, %d executors killed; left: %s;"
              + " open files of the driver %d before, %d after%n",
          time.toMinutes(),
          SEED,
          runs,
          unbroken.steps(),
          attempts,
          killer.killed,
          leftovers,
          before,
          Leftovers.here().files());
      assertThat(killer.killed).isPositive();
      assertThat(attempts).isGreaterThan(runs);
      assertThat(leftovers)
          .isNotEmpty()
          .allSatisfy(
              left -> {
                assertThat(left.arenaBytes()).isZero();
                assertThat(left.threads()).isZero();
                assertThat(left.stagedFiles()).isZero();
                assertThat(left.files()).isLessThan(before + 500);
              });
    }
  }

  /** Those of the executors and of this process, one each. */
  private static Collection<Leftovers> leftovers(FaultCluster cluster) {
    List<Integer> many = IntStream.range(0, 8).boxed().toList();
    Map<Long, Leftovers> all = new TreeMap<>();
    JavaSparkContext.fromSparkContext(cluster.spark().sparkContext())
        .parallelize(many, many.size())
        .map(number -> Leftovers.here())
        .collect()
        .forEach(one -> all.put(one.process(), one));
    Leftovers driver = Leftovers.here();
    all.put(driver.process(), driver);
    return all.values();
  }

  /** Kills one executor after the other. */
  private static final class Killer implements Runnable {
    private final FaultCluster cluster;
    private final RandomStream random = RandomStream.of(SEED, "soak", 0, 0);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private volatile int killed;
    private long draws;

    Killer(FaultCluster cluster) {
      this.cluster = cluster;
    }

    @Override
    public void run() {
      while (!stopped.get()) {
        sleep(LEAST_PAUSE_MILLIS + random.belowAt(draws++, MORE_PAUSE_MILLIS));
        List<ProcessHandle> executors = cluster.cluster().executors().toList();
        if (!stopped.get() && !executors.isEmpty()) {
          executors.get((int) random.belowAt(draws++, executors.size())).destroyForcibly();
          killed++;
        }
      }
    }

    private void sleep(long millis) {
      long until = System.nanoTime() + 1_000_000 * millis;
      while (!stopped.get() && System.nanoTime() < until) {
        try {
          Thread.sleep(100);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
