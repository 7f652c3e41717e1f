package io.batchwright.jobs.track;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.batchwright.train.step.StepReport;
import io.batchwright.train.step.ValidationScores;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;

/**
 * Gauges of Spark's metrics system, for whatever sinks the session has, Prometheus among them:
 * {@code batchwright.training.loss} and so on, in the driver, as long as training lasts. A gauge
 * holds the newest figure.
 */
public record SparkMetrics() implements Tracker {
  /** All figures. */
  public static final SparkMetrics DEFAULTS = new SparkMetrics();

  private static final long serialVersionUID = 1L;

  @Override
  public Optional<TrackedRun> open(TrainingFacts facts) {
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      return Optional.empty();
    }
    Gauges gauges = new Gauges();
    env.metricsSystem().registerSource(gauges);
    return Optional.of(new Run(env, gauges));
  }

  private static final class Gauges implements Source {
    private final MetricRegistry registry = new MetricRegistry();
    private final Map<String, Double> newest = new ConcurrentHashMap<>();

    Gauges() {
      newest.put("step", 0.0);
      StepReport all =
          new StepReport(
              0, 0, 0, 0, 0, 0, 0, false, new ValidationScores(0, 0, 0, 0, 0), 0, 0, 0, 0);
      register("step");
      TrackedStep.figures(all).keySet().forEach(this::register);
    }

    private void register(String name) {
      registry.register(name, (Gauge<Double>) () -> newest.getOrDefault(name, Double.NaN));
    }

    @Override
    public String sourceName() {
      return "batchwright.training";
    }

    @Override
    public MetricRegistry metricRegistry() {
      return registry;
    }
  }

  private record Run(SparkEnv env, Gauges gauges) implements TrackedRun {
    @Override
    public void steps(List<TrackedStep> steps) {
      for (StepReport report : TrackedStep.ofTraining(steps)) {
        gauges.newest.put("step", (double) report.step());
        gauges.newest.putAll(TrackedStep.figures(report));
      }
    }

    @Override
    public void end(Optional<String> failure) {
      env.metricsSystem().removeSource(gauges);
    }
  }
}
