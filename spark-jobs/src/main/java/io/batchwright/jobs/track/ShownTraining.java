package io.batchwright.jobs.track;

import io.batchwright.train.step.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the page shows of one training: a bounded number of points of its curves, evenly over all
 * steps, and the newest steps of each rank. May be used by several threads.
 */
final class ShownTraining {
  static final int POINTS = 1000;
  static final int TIMELINE = 16;

  private final String name;
  private final long planned;
  private final int ranks;
  private final List<StepReport> curve = new ArrayList<>();
  private final List<StepReport> validations = new ArrayList<>();
  private final SortedMap<Integer, List<StepReport>> timeline = new TreeMap<>();
  private final Throughput throughput = new Throughput();
  private long every = 1;
  private String state = "running";

  ShownTraining(String name, long planned, int ranks) {
    this.name = name;
    this.planned = planned;
    this.ranks = ranks;
  }

  /** What is shown at one moment. */
  record View(
      String name,
      String state,
      long planned,
      int ranks,
      double tokensPerSecond,
      List<StepReport> curve,
      List<StepReport> validations,
      SortedMap<Integer, List<StepReport>> timeline) {

    boolean running() {
      return state.equals("running");
    }
  }

  synchronized void add(int rank, StepReport report) {
    List<StepReport> newest = timeline.computeIfAbsent(rank, any -> new ArrayList<>());
    forgetFrom(report.step(), newest);
    newest.add(report);
    if (newest.size() > TIMELINE) {
      newest.remove(0);
    }
    if (rank != 0) {
      return;
    }
    throughput.add(report);
    forgetFrom(report.step(), curve);
    forgetFrom(report.step(), validations);
    if (Double.isFinite(report.validation().loss())) {
      validations.add(report);
    }
    if (curve.isEmpty() || report.step() >= curve.get(curve.size() - 1).step() + every) {
      curve.add(report);
    }
    thin();
  }

  /** After a restart steps come again. */
  private static void forgetFrom(long step, List<StepReport> steps) {
    while (!steps.isEmpty() && steps.get(steps.size() - 1).step() >= step) {
      steps.remove(steps.size() - 1);
    }
  }

  /** Leaves out every other point where there are too many. */
  private void thin() {
    if (curve.size() > POINTS) {
      every *= 2;
      List<StepReport> kept = new ArrayList<>();
      for (int i = 0; i < curve.size(); i += 2) {
        kept.add(curve.get(i));
      }
      curve.clear();
      curve.addAll(kept);
    }
    if (validations.size() > POINTS) {
      validations.remove(0);
    }
  }

  synchronized void end(String how) {
    state = how;
  }

  synchronized View view() {
    SortedMap<Integer, List<StepReport>> newest = new TreeMap<>();
    timeline.forEach((rank, steps) -> newest.put(rank, List.copyOf(steps)));
    return new View(
        name,
        state,
        planned,
        ranks,
        throughput.tokensPerSecond(),
        List.copyOf(curve),
        List.copyOf(validations),
        newest);
  }
}
