package io.batchwright.jobs.cluster;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Kills one executor in each phase of a deduplication, when the first task of a stage starts that
 * was called from that phase's code. Executors of a local cluster are children of this process.
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

  private final Map<Integer, String> stages = new ConcurrentHashMap<>();
  private boolean deduplicating;

  /** Forgets earlier kills. */
  static void arm() {
    KILLED.clear();
  }

  /** The executor that each phase lost. */
  static Map<String, Long> killed() {
    return Collections.unmodifiableMap(new TreeMap<>(KILLED));
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
          ProcessHandle.current()
              .children()
              .filter(child -> !KILLED.containsValue(child.pid()))
              .findFirst()
              .orElseThrow();
      executor.destroyForcibly();
      KILLED.put(phase, executor.pid());
    }
  }
}
