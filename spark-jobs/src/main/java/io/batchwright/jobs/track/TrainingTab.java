package io.batchwright.jobs.track;

import io.batchwright.train.step.StepReport;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ui.SparkUI;

/**
 * The tab <i>Training</i> of Spark's web interface: curves of the newest steps, and what each rank
 * spent its time on. Where the interface is off ({@code spark.ui.enabled=false}) there is no tab.
 */
public record TrainingTab() implements Tracker {
  /** The tab. */
  public static final TrainingTab DEFAULTS = new TrainingTab();

  private static final long serialVersionUID = 1L;

  @Override
  public Optional<TrackedRun> open(TrainingFacts facts) {
    scala.Option<SparkUI> ui = facts.spark().sparkContext().ui();
    if (ui.isEmpty()) {
      return Optional.empty();
    }
    ShownTraining shown = new ShownTraining(facts.name(), facts.steps(), facts.ranks());
    TrainingUi.of(ui.get()).show(shown);
    return Optional.of(new Run(shown));
  }

  private record Run(ShownTraining shown) implements TrackedRun {
    @Override
    public void steps(List<TrackedStep> steps) {
      for (TrackedStep step : steps) {
        StepReport report = step.report();
        shown.add(step.rank(), report);
      }
    }

    @Override
    public void end(Optional<String> failure) {
      shown.end(failure.map(reason -> "failed: " + reason).orElse("finished"));
    }
  }
}
