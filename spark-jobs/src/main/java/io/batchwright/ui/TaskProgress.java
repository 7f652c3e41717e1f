package io.batchwright.ui;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Feeds the console with the tasks that Spark has finished of its active stages. */
public final class TaskProgress extends SparkListener {
  private final Console console;
  private final Map<Integer, int[]> active = new HashMap<>();

  /** Feeds {@code console}. */
  public TaskProgress(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
    active.put(event.stageInfo().stageId(), new int[] {0, event.stageInfo().numTasks()});
    show();
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    int[] tasks = active.get(event.stageId());
    if (tasks != null && event.taskInfo().successful()) {
      tasks[0] = Math.min(tasks[0] + 1, tasks[1]);
      show();
    }
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted event) {
    active.remove(event.stageInfo().stageId());
    show();
  }

  private void show() {
    StageDisplay display = console.current();
    if (display != null) {
      int done = active.values().stream().mapToInt(tasks -> tasks[0]).sum();
      int all = active.values().stream().mapToInt(tasks -> tasks[1]).sum();
      display.tasks(done, all);
    }
  }
}
