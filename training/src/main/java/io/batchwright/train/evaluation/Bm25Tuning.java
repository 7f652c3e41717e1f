package io.batchwright.train.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses {@code k1} and {@code b} by a grid over training queries.
 *
 * <p>The task must hold training documents and training queries only; its statistics then serve the
 * whole corpus. Among equal figures the first of the grid wins.
 *
 * @param analysis how texts became terms
 * @param statistics of the training documents
 * @param best the pair chosen
 * @param trials every pair of the grid with its mean
 * @param queries how many training queries were tried
 */
public record Bm25Tuning(
    TextAnalysis analysis, Bm25Statistics statistics, Bm25 best, List<Trial> trials, int queries) {
  public static final List<Double> K1_GRID = List.of(0.6, 0.9, 1.2, 1.6, 2.0);
  public static final List<Double> B_GRID = List.of(0.1, 0.3, 0.5, 0.75, 0.9);

  /** What is maximized. */
  private static final Ndcg METRIC = new Ndcg(10);

  /** One pair of the grid and its mean nDCG@10. */
  public record Trial(Bm25 parameters, double mean) {}

  /**
   * Indexes the training documents and tries the whole grid.
   *
   * @param training documents and queries of the training artifacts
   * @param queries at most so many are tried, chosen by hash
   * @param threads how many search at once
   */
  public static Bm25Tuning on(
      RetrievalTask training, TextAnalysis analysis, int queries, int threads) throws IOException {
    RetrievalTask sample = training.sample(queries);
    Evaluator evaluator = new Evaluator(List.of(METRIC));
    List<Trial> trials = new ArrayList<>();
    try (Bm25Index index = Bm25Index.build(sample.documents(), sample.documentTexts(), analysis)) {
      Bm25Index.PreparedQueries prepared = index.prepare(sample.queries(), sample.queryTexts());
      Bm25Statistics statistics = index.statistics();
      for (double k1 : K1_GRID) {
        for (double b : B_GRID) {
          Bm25 parameters = new Bm25(k1, b);
          Rankings found = index.search(prepared, METRIC.k(), parameters, statistics, threads);
          trials.add(new Trial(parameters, evaluator.evaluate(found, sample.qrels()).mean(METRIC)));
        }
      }
      return new Bm25Tuning(
          analysis, statistics, best(trials), List.copyOf(trials), sample.queries().size());
    }
  }

  private static Bm25 best(List<Trial> trials) {
    Trial best = trials.get(0);
    for (Trial trial : trials) {
      best = trial.mean() > best.mean() ? trial : best;
    }
    return best.parameters();
  }

  /** BM25 as tuned, for an evaluation over the whole corpus. */
  public Bm25System system(int threads) {
    return new Bm25System(analysis, best, statistics, threads);
  }
}
