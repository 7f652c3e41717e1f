package io.batchwright.jobs.track;

import io.batchwright.train.step.StepReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A step, with the rank whose times it has. */
public record TrackedStep(int rank, StepReport report) {

  /** Those of rank 0, which stand for the whole training. */
  public static List<StepReport> ofTraining(List<TrackedStep> steps) {
    return steps.stream().filter(step -> step.rank() == 0).map(TrackedStep::report).toList();
  }

  /** A step's figures by name, those that are finite. */
  public static Map<String, Double> figures(StepReport report) {
    Map<String, Double> all = new LinkedHashMap<>();
    all.put("loss", report.loss());
    all.put("learning_rate", report.learningRate());
    all.put("grad_norm", report.gradNorm());
    all.put("tokens_per_second", report.tokensPerSecond());
    all.put("samples_per_second", report.samplesPerSecond());
    all.put("wait_seconds", report.waitSeconds());
    all.put("data_seconds", report.dataSeconds());
    all.put("validation_loss", report.validation().loss());
    all.put("validation_ndcg10", report.validation().ndcg10());
    all.put("validation_mrr10", report.validation().mrr10());
    all.put("validation_recall10", report.validation().recall10());
    all.put("validation_perplexity", report.validation().perplexity());
    all.values().removeIf(value -> !Double.isFinite(value));
    return all;
  }
}
