package io.batchwright.jobs.track;

import io.batchwright.train.rank.TrainingListener;
import io.batchwright.train.step.StepReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All trackers of one training. Whatever happens to them, training goes on. */
public final class Trackers implements TrainingListener {
  /** For all trackers together, once training is over. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<QueuedRun> runs;
  private final Duration patience;

  /** Opens {@code trackers}, each on a thread of its own. */
  public Trackers(List<? extends Tracker> trackers, TrainingFacts facts) {
    this(trackers, facts, PATIENCE);
  }

  Trackers(List<? extends Tracker> trackers, TrainingFacts facts, Duration patience) {
    this.patience = patience;
    this.runs = trackers.stream().map(tracker -> new QueuedRun(tracker, facts)).toList();
  }

  /** Nothing: rank 0 has its turn in {@link #rank}. */
  @Override
  public void step(StepReport report) {}

  @Override
  public void rank(int rank, StepReport report) {
    TrackedStep step = new TrackedStep(rank, report);
    runs.forEach(run -> run.step(step));
  }

  /**
   * Ends all of them, waiting 10 seconds at most.
   *
   * @param failure why training failed, or empty
   * @return what went wrong with a tracker, a sentence each
   */
  public List<String> end(Optional<String> failure) {
    runs.forEach(run -> run.end(failure));
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> problems = new ArrayList<>();
    for (QueuedRun run : runs) {
      run.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))
          .ifPresent(problems::add);
    }
    return problems;
  }
}
