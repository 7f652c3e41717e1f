package io.batchwright.train.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores rankings against judgements, query by query.
 *
 * <p>Every query with a relevant document counts, also one the system returned nothing for
 * (trec_eval's {@code -c}); a query without any is left out. Rankings are put into trec_eval's
 * order first.
 */
public record Evaluator(List<Metric> metrics) {
  /** The figures the report shows. */
  public static final Evaluator DEFAULTS =
      new Evaluator(
          List.of(
              new Ndcg(10), new Mrr(10), new RecallAtK(1), new RecallAtK(10), new RecallAtK(100)));

  public Evaluator {
    metrics = List.copyOf(metrics);
  }

  /** The value of each metric for each query of {@code qrels} that has a relevant document. */
  public MetricTable evaluate(Rankings rankings, Qrels qrels) {
    Rankings ordered = rankings.inTrecOrder();
    int[] toRanking = qrels.queries().translateTo(rankings.queries());
    int[] toJudged = rankings.documents().translateTo(qrels.documents());
    int[] queries =
        IntStream.range(0, qrels.queries().size()).filter(q -> qrels.relevant(q) > 0).toArray();
    double[][] values = new double[metrics.size()][queries.length];
    for (int i = 0; i < queries.length; i++) {
      int[] gains = gains(ordered, toRanking[queries[i]], qrels, queries[i], toJudged);
      int[] ideal = qrels.idealGains(queries[i]);
      for (int m = 0; m < metrics.size(); m++) {
        values[m][i] = metrics.get(m).of(gains, ideal);
      }
    }
    return new MetricTable(qrels.queries(), queries, metrics, values);
  }

  private static int[] gains(
      Rankings ordered, int ranking, Qrels qrels, int query, int[] toJudged) {
    int[] gains = new int[ranking < 0 ? 0 : ordered.length(ranking)];
    Arrays.setAll(
        gains,
        rank -> {
          int document = toJudged[ordered.document(ranking, rank)];
          return document < 0 ? 0 : qrels.relevance(query, document);
        });
    return gains;
  }
}
