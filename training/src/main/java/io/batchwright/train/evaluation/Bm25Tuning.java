package io.batchwright.train.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses {@code k1} and {@code b} by a grid over training queries.
 *
 * <p>Index, statistics and judgements must hold training documents only. Among equal figures the
 * first of the grid wins.
 *
 * @param best the pair chosen
 * @param trials every pair of the grid with its mean
 */
public record Bm25Tuning(Bm25 best, List<Trial> trials) {
  public static final List<Double> K1_GRID = List.of(0.6, 0.9, 1.2, 1.6, 2.0);
  public static final List<Double> B_GRID = List.of(0.1, 0.3, 0.5, 0.75, 0.9);

  /** One pair of the grid and its mean. */
  public record Trial(Bm25 parameters, double mean) {}

  /**
   * Tries the whole grid.
   *
   * @param training index of training documents
   * @param queryTexts training queries, parallel to the queries of {@code qrels}
   * @param metric what is maximized
   */
  public static Bm25Tuning grid(
      Bm25Index training, List<String> queryTexts, Qrels qrels, Ndcg metric, int threads)
      throws IOException {
    Bm25Index.PreparedQueries queries = training.prepare(qrels.queries(), queryTexts);
    Bm25Statistics statistics = training.statistics();
    Evaluator evaluator = new Evaluator(List.of(metric));
    List<Trial> trials = new ArrayList<>();
    Trial best = null;
    for (double k1 : K1_GRID) {
      for (double b : B_GRID) {
        Bm25 parameters = new Bm25(k1, b);
        Rankings rankings = training.search(queries, metric.k(), parameters, statistics, threads);
        Trial trial = new Trial(parameters, evaluator.evaluate(rankings, qrels).mean(metric));
        trials.add(trial);
        best = best == null || trial.mean() > best.mean() ? trial : best;
      }
    }
    return new Bm25Tuning(best.parameters(), List.copyOf(trials));
  }
}
