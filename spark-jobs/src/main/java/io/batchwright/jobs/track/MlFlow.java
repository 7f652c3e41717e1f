package io.batchwright.jobs.track;

import io.batchwright.technique.Check;
import io.batchwright.train.step.StepReport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An MLflow run for each launch of a training: the recipe's values as parameters, each step's
 * figures as metrics. A server is spoken to by MLflow's REST API (2.0); a {@code file:} URI or a
 * path is MLflow's folder layout.
 *
 * <p>A name and password, or a token, come from the driver's environment as with MLflow's own
 * clients: {@code MLFLOW_TRACKING_USERNAME}, {@code MLFLOW_TRACKING_PASSWORD}, {@code
 * MLFLOW_TRACKING_TOKEN}.
 *
 * @param uri of the tracking server or folder; empty for that of {@code MLFLOW_TRACKING_URI} in the
 *     driver's environment, and where that is not set either, nothing is tracked
 * @param experiment its name; it is made where it does not exist
 */
public record MlFlow(String uri, String experiment) implements Tracker {
  /** What the environment names. */
  public static final MlFlow DEFAULTS = new MlFlow("", "batchwright");

  private static final long serialVersionUID = 1L;

  public MlFlow {
    Check.notBlank("MlFlow.experiment", experiment);
  }

  @Override
  public Optional<TrackedRun> open(TrainingFacts facts) throws IOException {
    String target = uri.isBlank() ? System.getenv().getOrDefault("MLFLOW_TRACKING_URI", "") : uri;
    if (target.isBlank()) {
      return Optional.empty();
    }
    MlFlowStore store = store(target);
    store.start(experiment, facts);
    return Optional.of(new Run(store, facts));
  }

  private static MlFlowStore store(String target) throws IOException {
    if (target.startsWith("http://") || target.startsWith("https://")) {
      return new MlFlowServer(URI.create(target), MlFlowServer.authorization(System.getenv()));
    }
    if (target.startsWith("file:")) {
      return new MlFlowFolder(Path.of(URI.create(target).getPath()));
    }
    if (target.contains(":")) {
      throw new IOException(
          "the tracking URI must start with http://, https:// or file:, or be a path, got "
              + target);
    }
    return new MlFlowFolder(Path.of(target));
  }

  private record Run(MlFlowStore store, TrainingFacts facts) implements TrackedRun {
    @Override
    public void steps(List<TrackedStep> steps) throws IOException {
      long now = facts.clock().millis();
      List<MlFlowStore.Metric> metrics = new ArrayList<>();
      for (StepReport report : TrackedStep.ofTraining(steps)) {
        TrackedStep.figures(report)
            .forEach(
                (name, value) ->
                    metrics.add(new MlFlowStore.Metric(name, value, now, report.step())));
      }
      if (!metrics.isEmpty()) {
        store.log(metrics);
      }
    }

    @Override
    public void end(Optional<String> failure) throws IOException {
      store.end(failure.isEmpty(), facts.clock().millis());
    }
  }
}
