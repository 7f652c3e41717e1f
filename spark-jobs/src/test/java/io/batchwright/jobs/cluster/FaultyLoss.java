package io.batchwright.jobs.cluster;

import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.CustomLoss;
import io.batchwright.train.loss.EmbeddingPairs;
import io.batchwright.train.loss.InfoNce;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.apache.spark.BarrierTaskContext;

/**
 * InfoNCE during which a {@link Fault} strikes, once there is a checkpoint to go back to.
 *
 * @param fault what happens to whom
 * @param after what must exist before it does
 */
record FaultyLoss(Fault fault, String after) implements CustomLoss {
  private static final ConcurrentMap<String, Thread> WATCHERS = new ConcurrentHashMap<>();

  @Override
  public Variable apply(Graph g, EmbeddingPairs pairs) {
    BarrierTaskContext task = BarrierTaskContext.get();
    if (task.stageAttemptNumber() > 0) {
      FaultyFileSystem.recover();
      fault.signal(Fault.RESUMED, Long.toString(System.currentTimeMillis()));
    } else if (!fault.struck() && Files.exists(Path.of(after))) {
      prepare(task.partitionId() == fault.rank());
    }
    return InfoNce.PAPER.apply(g, pairs);
  }

  private void prepare(boolean victim) {
    switch (fault.phase()) {
      case FORWARD -> {
        if (victim) {
          fault.strike();
        }
      }
      case CHECKPOINT -> {
        if (victim) {
          FaultyFileSystem.arm(fault);
        }
      }
      case REDUCE -> {
        if (victim) {
          WATCHERS.computeIfAbsent(fault.signals(), name -> watch());
        }
      }
    }
  }

  /** Strikes while the thread beside the backward pass sums a bucket of gradients. */
  private Thread watch() {
    Thread watcher =
        new Thread(
            () -> {
              Thread reducer = reducer();
              while (!summing(reducer)) {
                Thread.onSpinWait();
              }
              fault.strike();
            },
            "fault");
    watcher.setDaemon(true);
    watcher.start();
    return watcher;
  }

  private static Thread reducer() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("batchwright-reduce-"))
        .findFirst()
        .orElseThrow();
  }

  private static boolean summing(Thread reducer) {
    Set<String> frames =
        Arrays.stream(reducer.getStackTrace())
            .map(
                frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName())
            .collect(Collectors.toSet());
    return frames.contains("TcpRing.allReduce") && !frames.contains("BucketReduction.agree");
  }
}
