package io.batchwright.jobs.pipeline;

import io.batchwright.report.ReportData;
import io.batchwright.train.evaluation.EvaluationResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The tables of scores. */
final class ReportScores {
  private static final String NOTE =
      "Mean with a 95 %% interval from %,d groups resampled 2,000 times. BM25: camelCase split,"
          + " lower case, stemmed, k1 = %.1f and b = %.2f tuned on training artifacts, document"
          + " frequencies from training artifacts. Hybrid: reciprocal ranks of model and BM25."
          + " Untrained: the model before its first step. Shuffled: the same training on shuffled"
          + " pairs.";

  private ReportScores() {}

  static List<ReportData.ScoreTable> of(EvaluateStage.Measured measured) {
    List<ReportData.ScoreTable> tables = new ArrayList<>();
    tables.add(table("Held-out queries", measured.visible(), note(measured.visible(), measured)));
    if (measured.hidden() != null) {
      tables.add(
          table(
              "The same with the declared name hidden in every document",
              measured.hidden(),
              measured.hidden().verdict()));
    }
    tables.add(perSource(measured.perSource()));
    return tables;
  }

  private static String note(EvaluationResult result, EvaluateStage.Measured measured) {
    return String.format(
        Locale.ROOT,
        "%,d queries over %,d documents. " + NOTE,
        result.queries(),
        result.documents(),
        result.groups(),
        measured.k1(),
        measured.b());
  }

  /** {@code ndcg10} as people write it. */
  static String label(String metric) {
    return metric
        .replaceFirst("^ndcg", "nDCG@")
        .replaceFirst("^mrr", "MRR@")
        .replaceFirst("^recall", "Recall@");
  }

  private static ReportData.ScoreTable table(String title, EvaluationResult result, String note) {
    Map<String, List<ReportData.Score>> rows = new LinkedHashMap<>();
    List<String> metrics = new ArrayList<>();
    for (EvaluationResult.Score score : result.scores()) {
      if (!metrics.contains(score.metric())) {
        metrics.add(score.metric());
      }
      rows.computeIfAbsent(score.system(), system -> new ArrayList<>())
          .add(
              new ReportData.Score(
                  score.value().mean(), score.value().low(), score.value().high()));
    }
    return new ReportData.ScoreTable(
        title,
        metrics.stream().map(ReportScores::label).toList(),
        rows.entrySet().stream()
            .map(row -> new ReportData.ScoreRow(row.getKey(), row.getValue()))
            .toList(),
        note);
  }

  private static ReportData.ScoreTable perSource(
      TreeMap<String, TreeMap<String, Double>> perSource) {
    TreeSet<String> sources = new TreeSet<>();
    perSource.values().forEach(bySource -> sources.addAll(bySource.keySet()));
    List<ReportData.ScoreRow> rows = new ArrayList<>();
    perSource.forEach(
        (system, bySource) ->
            rows.add(
                new ReportData.ScoreRow(
                    system,
                    sources.stream()
                        .map(source -> bySource.getOrDefault(source, Double.NaN))
                        .map(mean -> new ReportData.Score(mean, Double.NaN, Double.NaN))
                        .toList())));
    return new ReportData.ScoreTable("nDCG@10 by held-out source", List.copyOf(sources), rows, "");
  }
}
