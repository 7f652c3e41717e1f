package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.train.evaluation.PairedComparison.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalEvaluationTest {
  private static final int COUNT = 60;
  private static final int PER_GROUP = 4;

  @TempDir Path folder;

  @Test
  void figuresFilesAndVerdictAgree() throws IOException {
    RetrievalTask task = task();
    EvaluationResult result =
        RetrievalEvaluation.DEFAULTS.evaluate(task, systems(always(0)), folder);

    assertThat(result.queries()).isEqualTo(COUNT);
    assertThat(result.groups()).isEqualTo(COUNT / PER_GROUP);
    assertThat(result.score("model", "ndcg10").mean()).isEqualTo(1);
    assertThat(result.comparisons().get(0).difference().outcome()).isEqualTo(Outcome.WIN);
    assertThat(result.verdict()).startsWith("The model beats BM25 on nDCG@10 (1.000 against ");
    assertThat(result.hits()).hasSize(3);
    assertThat(result.misses()).isEmpty();
    assertThat(result.hits().get(0).model()).hasSize(3);
    assertThat(result.hits().get(0).model().get(0).relevant()).isTrue();

    for (String system : List.of("model", "untrained", "bm25", "hybrid")) {
      MetricTable read =
          Evaluator.DEFAULTS.evaluate(
              TrecRun.read(folder.resolve(system + ".run")),
              TrecQrels.read(folder.resolve("qrels.txt")));
      for (Metric metric : Evaluator.DEFAULTS.metrics()) {
        assertThat(read.mean(metric))
            .as(system + " " + metric.label())
            .isCloseTo(result.score(system, metric.key()).mean(), within(1e-9));
      }
    }
    assertThat(Files.readAllLines(folder.resolve("per_query.jsonl")))
        .hasSize(COUNT)
        .first()
        .asString()
        .startsWith(
            "{\"query_id\":\"q0\",\"group_id\":\"class"
                + " 0\",\"relevant\":1,\"model\":{\"ndcg10\":1.0");
  }

  @Test
  void aModelThatFindsNothingLosesAndSaysSo() throws IOException {
    EvaluationResult result =
        RetrievalEvaluation.DEFAULTS.evaluate(task(), systems(always(20)), folder);

    assertThat(result.comparisons().get(0).difference().outcome()).isEqualTo(Outcome.LOSS);
    assertThat(result.comparisons().get(1).baseline()).isEqualTo("bm25");
    assertThat(result.verdict()).startsWith("The model loses to BM25 on nDCG@10 (0.000 against ");
    assertThat(result.hits()).isEmpty();
    assertThat(result.misses()).hasSize(3);
    assertThat(result.misses().get(0).modelRank()).isEqualTo(21);
    assertThat(result.misses().get(0).bm25()).isNotEmpty();
  }

  @Test
  void theSameRankingsTie() throws IOException {
    Map<String, RankingSystem> systems = systems(always(0));
    systems.put("model", systems.get("bm25"));
    EvaluationResult result = RetrievalEvaluation.DEFAULTS.evaluate(task(), systems, folder);
    assertThat(result.verdict()).startsWith("The model ties with BM25");
    assertThat(result.comparisons().get(0).difference().difference()).isZero();
  }

  @Test
  void twoRunsFindTheSame() throws IOException {
    assertThat(RetrievalEvaluation.DEFAULTS.evaluate(task(), systems(always(2)), folder))
        .isEqualTo(RetrievalEvaluation.DEFAULTS.evaluate(task(), systems(always(2)), folder));
  }

  @Test
  void bm25IsTunedOnTheTrainingTaskAlone() throws IOException {
    RetrievalTask training = task();
    Bm25Tuning tuning = Bm25Tuning.on(training, TextAnalysis.CODE, 10, 2);

    assertThat(tuning.queries()).isEqualTo(10);
    assertThat(tuning.statistics().documents()).isEqualTo(COUNT);
    assertThat(Bm25Tuning.K1_GRID).contains(tuning.best().k1());
    assertThat(training.sample(10).queries().names())
        .hasSize(10)
        .isSubsetOf(training.queries().names())
        .isEqualTo(training.sample(10).queries().names());
    assertThat(training.sample(1000).queries().names()).isEqualTo(training.queries().names());
  }

  @Test
  void modelAndBm25MustBeThere() {
    assertThatThrownBy(
            () -> RetrievalEvaluation.DEFAULTS.evaluate(task(), Map.of("model", always(0)), folder))
        .hasMessage("systems must have one named bm25");
  }

  /** Query i asks for document i; half the texts share words, so BM25 is not perfect. */
  private static RetrievalTask task() {
    List<String> documents = new ArrayList<>();
    List<String> queries = new ArrayList<>();
    List<String> documentTexts = new ArrayList<>();
    List<String> queryTexts = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      documents.add("d" + i);
      queries.add("q" + i);
      documentTexts.add("int word" + (i % 30) + "Of(String text) { return other" + i + "; }");
      queryTexts.add("Returns the word " + (i % 30) + " of a text");
      groups.add("class " + i / PER_GROUP);
    }
    Ids queryIds = Ids.of(queries);
    Ids documentIds = Ids.of(documents);
    Qrels.Builder qrels = Qrels.builder(queryIds, documentIds);
    for (int i = 0; i < COUNT; i++) {
      qrels.add("q" + i, "d" + i, 1);
    }
    return new RetrievalTask(
        documentIds, documentTexts, queryIds, queryTexts, groups, qrels.build());
  }

  private static Map<String, RankingSystem> systems(RankingSystem model) {
    Map<String, RankingSystem> systems = new LinkedHashMap<>();
    systems.put("model", model);
    systems.put("untrained", always(7));
    systems.put(
        "bm25",
        (task, depth) -> {
          try (Bm25Index index =
              Bm25Index.build(task.documents(), task.documentTexts(), TextAnalysis.CODE)) {
            return index.search(
                index.prepare(task.queries(), task.queryTexts()),
                depth,
                Bm25.PAPER,
                index.statistics(),
                2);
          }
        });
    return systems;
  }

  /** Ranks the right document behind {@code before} wrong ones. */
  private static RankingSystem always(int before) {
    return (task, depth) -> {
      int[][] ranked = new int[COUNT][depth < COUNT ? depth : COUNT];
      float[][] scores = new float[COUNT][ranked[0].length];
      for (int q = 0; q < COUNT; q++) {
        for (int rank = 0; rank < ranked[q].length; rank++) {
          ranked[q][rank] = Math.floorMod(q + rank - before, COUNT);
          scores[q][rank] = -rank;
        }
      }
      return Rankings.of(task.queries(), task.documents(), ranked, scores);
    };
  }
}
