package io.batchwright.train.evaluation;

import io.batchwright.train.evaluation.EvaluationResult.Comparison;
import io.batchwright.train.evaluation.EvaluationResult.Score;
import java.util.List;
import java.util.Locale;

/** Words an outcome; what it says follows from the intervals alone. */
final class Verdict {
  private Verdict() {}

  static String sentence(Metric metric, List<Score> scores, List<Comparison> comparisons) {
    Comparison model = comparisons.get(0);
    Comparison hybrid = comparisons.get(1);
    return "The model %s BM25 on %s (%s against %s, difference %s); the hybrid (%s) %s %s (difference %s)."
        .formatted(
            verb(model.difference()),
            metric.label(),
            figure(scores, RetrievalEvaluation.MODEL, metric),
            figure(scores, RetrievalEvaluation.BM25, metric),
            range(model.difference()),
            figure(scores, RetrievalEvaluation.HYBRID, metric),
            verb(hybrid.difference()),
            hybrid.baseline().equals(RetrievalEvaluation.BM25) ? "BM25" : "the model alone",
            range(hybrid.difference()));
  }

  private static String verb(PairedComparison difference) {
    return switch (difference.outcome()) {
      case WIN -> "beats";
      case TIE -> "ties with";
      case LOSS -> "loses to";
    };
  }

  private static String figure(List<Score> scores, String system, Metric metric) {
    return scores.stream()
        .filter(score -> score.system().equals(system) && score.metric().equals(metric.key()))
        .map(score -> String.format(Locale.ROOT, "%.3f", score.value().mean()))
        .findFirst()
        .orElseThrow();
  }

  private static String range(PairedComparison difference) {
    return String.format(
        Locale.ROOT,
        "%+.3f, interval %+.3f to %+.3f",
        difference.difference(),
        difference.low(),
        difference.high());
  }
}
