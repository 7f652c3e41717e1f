package io.batchwright.jobs.pipeline;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.train.evaluation.EvaluationResult;
import io.batchwright.train.evaluation.RankingSystem;
import io.batchwright.train.evaluation.RetrievalEvaluation;
import io.batchwright.train.evaluation.RetrievalTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What every evaluation does, whichever model and corpus it is about.
 *
 * @param maximumQueries queries that are scored, chosen by hash; 0: all
 * @param depth documents that each system returns
 */
record Measurement(int maximumQueries, int depth) {
  /** The queries of {@code task} that are scored. */
  RetrievalTask sampled(RetrievalTask task) {
    return maximumQueries == 0 ? task : task.sample(maximumQueries);
  }

  /** Ranks by every system, and leaves TREC files and figures of each query in {@code folder}. */
  EvaluationResult of(RetrievalTask task, Map<String, RankingSystem> systems, Path folder)
      throws IOException {
    RetrievalEvaluation defaults = RetrievalEvaluation.DEFAULTS;
    return new RetrievalEvaluation(
            defaults.evaluator(),
            defaults.bootstrap(),
            defaults.fusion(),
            depth,
            defaults.examples())
        .evaluate(task, systems, folder);
  }

  /**
   * What became of each query.
   *
   * @param queries all that could have been asked
   * @param judged those with a relevant document in the corpus
   */
  static LedgerEntry ledger(long queries, long judged, EvaluationResult result) {
    Map<String, Long> dropped = new TreeMap<>();
    if (queries > judged) {
      dropped.put("without_judgement", queries - judged);
    }
    if (judged > result.queries()) {
      dropped.put("not_sampled", judged - result.queries());
    }
    return LedgerEntry.of(EvaluateStage.NAME, queries, result.queries()).with(dropped, Map.of());
  }

  /** Mean and interval of each system and metric, under the names that run.json has. */
  static Map<String, Double> metrics(EvaluationResult result, String suffix) {
    Map<String, Double> metrics = new HashMap<>();
    for (EvaluationResult.Score score : result.scores()) {
      String name =
          (score.metric().replace("@", "").replace("recall", "recall_at_")
                  + "_"
                  + score.system()
                  + suffix)
              .toLowerCase(Locale.ROOT);
      metrics.put(name, score.value().mean());
      metrics.put(name + "_low", score.value().low());
      metrics.put(name + "_high", score.value().high());
    }
    return metrics;
  }
}
