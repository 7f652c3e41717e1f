package io.batchwright.jobs.track;

import io.batchwright.train.step.StepReport;
import java.util.ArrayDeque;
import java.util.Deque;

/** Tokens per second over the newest steps: those of the last 10 seconds of training. */
public final class Throughput {
  private static final double SECONDS = 10;

  private final Deque<StepReport> steps = new ArrayDeque<>();
  private double seconds;
  private long tokens;

  /** Takes a step in. */
  public void add(StepReport report) {
    steps.addLast(report);
    seconds += report.stepSeconds();
    tokens += report.tokens();
    while (steps.size() > 1 && seconds - steps.getFirst().stepSeconds() >= SECONDS) {
      StepReport oldest = steps.removeFirst();
      seconds -= oldest.stepSeconds();
      tokens -= oldest.tokens();
    }
  }

  /** All tokens of these steps by all their seconds, waiting included; 0 before the first step. */
  public double tokensPerSecond() {
    return seconds > 0 ? tokens / seconds : 0;
  }
}
