package io.batchwright.train.evaluation;

import io.batchwright.technique.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs systems over a task and reports what the figures say.
 *
 * <p>The systems named {@link #MODEL} and {@link #BM25} must be there. A {@link #HYBRID} of the two
 * is added by {@link ReciprocalRankFusion}.
 *
 * @param evaluator the metrics; the first decides the verdict
 * @param bootstrap resamples the task's groups
 * @param fusion makes the hybrid
 * @param depth how many documents each system returns, at least 100 for Recall@100
 * @param examples how many hits and misses are shown
 */
public record RetrievalEvaluation(
    Evaluator evaluator,
    PairedBootstrap bootstrap,
    ReciprocalRankFusion fusion,
    int depth,
    int examples) {
  public static final String MODEL = "model";
  public static final String BM25 = "bm25";
  public static final String HYBRID = "hybrid";

  public static final RetrievalEvaluation DEFAULTS =
      new RetrievalEvaluation(
          Evaluator.DEFAULTS, PairedBootstrap.DEFAULTS, ReciprocalRankFusion.PAPER, 100, 3);

  public RetrievalEvaluation {
    Check.atLeast("RetrievalEvaluation.depth", depth, 1);
    Check.atLeast("RetrievalEvaluation.examples", examples, 0);
    Check.that(!evaluator.metrics().isEmpty(), "RetrievalEvaluation.metrics", "must not be empty");
  }

  /**
   * Ranks, scores, compares, and writes run files, judgements and per-query figures.
   *
   * @param systems by name, in the order of the result
   * @param directory a local folder; made where missing. Gets {@code <system>.run}, {@code
   *     qrels.txt} and {@code per_query.jsonl}
   */
  public EvaluationResult evaluate(
      RetrievalTask task, Map<String, RankingSystem> systems, Path directory) throws IOException {
    for (String needed : List.of(MODEL, BM25)) {
      Check.that(systems.containsKey(needed), "systems", "must have one named " + needed);
    }
    Map<String, Rankings> rankings = new LinkedHashMap<>();
    for (Map.Entry<String, RankingSystem> system : systems.entrySet()) {
      rankings.put(system.getKey(), system.getValue().rank(task, depth).inTrecOrder());
    }
    rankings.put(
        HYBRID,
        fusion.fuse(List.of(rankings.get(MODEL), rankings.get(BM25))).top(depth).inTrecOrder());

    Map<String, MetricTable> tables = new LinkedHashMap<>();
    rankings.forEach(
        (system, ranking) -> tables.put(system, evaluator.evaluate(ranking, task.qrels())));

    Files.createDirectories(directory);
    for (Map.Entry<String, Rankings> ranking : rankings.entrySet()) {
      TrecRun.write(
          directory.resolve(ranking.getKey() + ".run"), ranking.getValue(), ranking.getKey());
    }
    TrecQrels.write(directory.resolve("qrels.txt"), task.qrels());
    PerQueryTable.write(directory.resolve("per_query.jsonl"), task, tables);
    return new Findings(this, task, rankings, tables).result();
  }
}
