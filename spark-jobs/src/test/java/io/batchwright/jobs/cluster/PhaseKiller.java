package io.batchwright.jobs.cluster;

import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Kills one executor (SIGKILL) in each phase of a deduplication, when the first task of a stage
 * starts that was called from that phase's code: the longest-lived one, which surely has outputs of
 * earlier stages.
 *
 * <p>Given to a session by {@code spark.extraListeners}; {@link #arm} first.
 */
public final class PhaseKiller extends SparkListener {
  /**
   * The phases, and the code from which a phase's stages are called; the first that fits counts.
   */
  static final Map<String, String> PHASES = new LinkedHashMap<>();

  static {
    PHASES.put("components", "io.batchwright.data.dedup.ConnectedComponents.");
    PHASES.put("candidates", "io.batchwright.data.dedup.NearDuplicates.");
    PHASES.put("write", "org.apache.spark.sql.DataFrameWriter");
  }

  private static final Map<String, Long> KILLED = new ConcurrentSkipListMap<>();
  private static final AtomicInteger LOST = new AtomicInteger();
  private static volatile Supplier<Stream<ProcessHandle>> executors = Stream::empty;

  private final Map<Integer, String> stages = new ConcurrentHashMap<>();
  private boolean deduplicating;

  /** Forgets earlier kills, and will find its victims among {@code processes}. */
  static void arm(Supplier<Stream<ProcessHandle>> processes) {
    KILLED.clear();
    LOST.set(0);
    executors = processes;
  }

  /** The executor that each phase lost. */
  static Map<String, Long> killed() {
    return Collections.unmodifiableMap(new TreeMap<>(KILLED));
  }

  /** The executors that Spark missed. */
  static int lost() {
    return LOST.get();
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    LOST.incrementAndGet();
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    String callers = submitted.stageInfo().details();
    deduplicating |= callers.contains("io.batchwright.data.dedup.");
    if (!deduplicating) {
      return; // the corpus is written by the same code as the outputs
    }
    PHASES.keySet().stream()
        .filter(phase -> callers.contains(PHASES.get(phase)))
        .findFirst()
        .filter(phase -> !KILLED.containsKey(phase))
        .ifPresent(phase -> stages.put(submitted.stageInfo().stageId(), phase));
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    String phase = stages.remove(start.stageId());
    if (phase != null && !KILLED.containsKey(phase)) {
      ProcessHandle executor =
          executors
              .get()
              .filter(process -> !KILLED.containsValue(process.pid()))
              .min(Comparator.comparing(process -> process.info().startInstant().orElseThrow()))
              .orElseThrow();
      executor.destroyForcibly();
      KILLED.put(phase, executor.pid());
    }
  }
}
