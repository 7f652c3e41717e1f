package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.technique.Techniques;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class MetricTest {
  private static final Offset<Double> EXACT = within(1e-12);

  /** The example of pytrec_eval's README, whose figures trec_eval itself computed. */
  @Test
  void ndcgEqualsTrecEvalsPublishedExample() {
    Qrels qrels =
        Qrels.builder()
            .add("q1", "d1", 0)
            .add("q1", "d2", 1)
            .add("q1", "d3", 0)
            .add("q2", "d2", 1)
            .add("q2", "d3", 1)
            .build();
    Ids queries = Ids.of(List.of("q1", "q2"));
    Ids documents = Ids.of(List.of("d1", "d2", "d3"));
    Rankings run =
        Rankings.of(
            queries,
            documents,
            new int[][] {{0, 1, 2}, {0, 1, 2}},
            new float[][] {{1.0f, 0.0f, 1.5f}, {1.5f, 0.2f, 0.5f}});

    MetricTable table = new Evaluator(List.of(new Ndcg(10), new Mrr(10))).evaluate(run, qrels);

    assertThat(table.values(new Ndcg(10))[0]).isEqualTo(0.5, EXACT);
    assertThat(table.values(new Ndcg(10))[1]).isEqualTo(0.6934264036172708, EXACT);
    assertThat(table.values(new Mrr(10))).containsExactly(1.0 / 3, 1.0 / 2);
  }

  @Test
  void gradedNdcgTakesLinearGains() {
    int[] gains = {0, 2, 1, 0, 3};
    int[] ideal = {3, 2, 2, 1};
    double log2of3 = Math.log(3) / Math.log(2);
    double found = 2 / log2of3 + 1 / 2.0 + 3 / (Math.log(6) / Math.log(2));
    double best = 3 + 2 / log2of3 + 2 / 2.0 + 1 / (Math.log(5) / Math.log(2));

    assertThat(new Ndcg(10).of(gains, ideal)).isEqualTo(found / best, EXACT);
    assertThat(new Ndcg(2).of(gains, ideal)).isEqualTo((2 / log2of3) / (3 + 2 / log2of3), EXACT);
  }

  @Test
  void negativeRelevanceGainsNothing() {
    assertThat(new Ndcg(3).of(new int[] {-1, 1}, new int[] {1}))
        .isEqualTo(new Ndcg(3).of(new int[] {0, 1}, new int[] {1}), EXACT);
  }

  @Test
  void reciprocalRankAndRecallStopAtTheirCutoff() {
    int[] gains = {0, 0, 1, 0, 1};
    int[] ideal = {1, 1, 1, 1};

    assertThat(new Mrr(2).of(gains, ideal)).isZero();
    assertThat(new Mrr(3).of(gains, ideal)).isEqualTo(1.0 / 3, EXACT);
    assertThat(new RecallAtK(3).of(gains, ideal)).isEqualTo(0.25, EXACT);
    assertThat(new RecallAtK(100).of(gains, ideal)).isEqualTo(0.5, EXACT);
  }

  @Test
  void tiesAreBrokenByDescendingDocumentIdWhateverOrderTheSystemGave() {
    Ids queries = Ids.of(List.of("q"));
    Ids documents = Ids.of(List.of("a", "b", "c"));
    Qrels qrels = Qrels.builder(queries, documents).add("q", "a", 1).build();
    Rankings run =
        Rankings.of(queries, documents, new int[][] {{0, 1, 2}}, new float[][] {{1, 1, 1}});

    assertThat(new Evaluator(List.of(new Mrr(10))).evaluate(run, qrels).mean(new Mrr(10)))
        .isEqualTo(1.0 / 3, EXACT);
  }

  @Test
  void idsAreComparedByCodePointAsStrcmpDoes() {
    assertThat(Utf8Order.compare("\uD83D\uDE00", "\uFFFD")).isPositive();
    assertThat(Utf8Order.compare("a", "ab")).isNegative();
    assertThat(Utf8Order.compare("b", "a")).isPositive();
  }

  @Test
  void queriesWithoutAnAnswerCountAndQueriesWithoutARelevantDocumentDoNot() {
    Ids documents = Ids.of(List.of("a", "b"));
    Ids queries = Ids.of(List.of("answered", "unanswered", "unjudged"));
    Qrels qrels =
        Qrels.builder(queries, documents)
            .add("answered", "a", 1)
            .add("unanswered", "b", 1)
            .add("unjudged", "b", 0)
            .build();
    Rankings run =
        Rankings.of(Ids.of(List.of("answered")), documents, new int[][] {{0}}, new float[][] {{1}});

    MetricTable table = new Evaluator(List.of(new Mrr(10))).evaluate(run, qrels);

    assertThat(table.size()).isEqualTo(2);
    assertThat(table.mean(new Mrr(10))).isEqualTo(0.5, EXACT);
  }

  @Test
  void everyMemberHasItsPaperAndChecksItsCutoff() {
    assertThat(Techniques.of(Metric.class))
        .extracting(Class::getSimpleName)
        .containsExactly("Mrr", "Ndcg", "RecallAtK");
    assertThat(Techniques.of(Metric.class))
        .allSatisfy(member -> assertThat(Techniques.defaults(member)).isPresent());
    assertThatThrownBy(() -> new Ndcg(0)).hasMessage("Ndcg.k must be at least 1, got 0");
  }
}
