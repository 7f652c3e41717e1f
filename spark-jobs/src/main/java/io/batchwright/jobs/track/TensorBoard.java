package io.batchwright.jobs.track;

import io.batchwright.train.step.StepReport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * TensorBoard's event files, in the folder {@code tensorboard} of the training's: {@code
 * tensorboard --logdir DIR/tensorboard}. Each launch has a file of its own; where steps come again
 * after a restart, TensorBoard is told to forget the earlier ones.
 */
public record TensorBoard() implements Tracker {
  /** Event files in the run's folder. */
  public static final TensorBoard DEFAULTS = new TensorBoard();

  private static final long serialVersionUID = 1L;

  @Override
  public Optional<TrackedRun> open(TrainingFacts facts) throws IOException {
    return Optional.of(new Run(EventFile.create(facts), facts));
  }

  private static final class Run implements TrackedRun {
    private final EventFile file;
    private final TrainingFacts facts;
    private long newest;

    Run(EventFile file, TrainingFacts facts) {
      this.file = file;
      this.facts = facts;
    }

    @Override
    public void steps(List<TrackedStep> steps) throws IOException {
      for (StepReport report : TrackedStep.ofTraining(steps)) {
        boolean again = report.step() <= newest || (newest == 0 && report.step() > 1);
        if (again) {
          file.restart(facts.seconds(), report.step());
        }
        newest = report.step();
        Map<String, Double> figures = TrackedStep.figures(report);
        file.scalars(facts.seconds(), report.step(), figures);
      }
      file.flush();
    }

    @Override
    public void end(Optional<String> failure) throws IOException {
      file.close();
    }
  }
}
