package io.batchwright.train.evaluation;

import java.util.List;

/**
 * What an evaluation found.
 *
 * @param documents how many documents were searched
 * @param queries how many queries were scored
 * @param groups how many groups the bootstrap resampled
 * @param scores one per system and metric, systems in the order they ran
 * @param comparisons the paired comparisons, on the first metric: model against BM25, then the
 *     hybrid against the better of the two
 * @param verdict one sentence that follows the figures
 * @param hits queries the model answered within the first ten, chosen by hash
 * @param misses queries it did not, chosen by hash
 */
public record EvaluationResult(
    int documents,
    int queries,
    int groups,
    List<Score> scores,
    List<Comparison> comparisons,
    String verdict,
    List<Example> hits,
    List<Example> misses) {

  /** One system's mean on one metric. */
  public record Score(String system, String metric, Interval value) {}

  /** One system against another. */
  public record Comparison(
      String system, String baseline, String metric, PairedComparison difference) {}

  /**
   * One query with what two systems made of it.
   *
   * @param modelRank rank from 1 of the model's first relevant document, 0 where there is none
   * @param bm25Rank the same for BM25
   */
  public record Example(
      String queryId,
      String query,
      String group,
      int modelRank,
      int bm25Rank,
      List<Answer> model,
      List<Answer> bm25) {}

  /** One returned document. */
  public record Answer(String documentId, double score, boolean relevant, String text) {}

  /** The mean of a system on a metric, by their names. */
  public Interval score(String system, String metric) {
    return scores.stream()
        .filter(score -> score.system().equals(system) && score.metric().equals(metric))
        .map(Score::value)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("not measured: " + metric + " of " + system));
  }
}
