package io.batchwright.train.evaluation;

import io.batchwright.train.evaluation.EvaluationResult.Answer;
import io.batchwright.train.evaluation.EvaluationResult.Comparison;
import io.batchwright.train.evaluation.EvaluationResult.Example;
import io.batchwright.train.evaluation.EvaluationResult.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import net.openhft.hashing.LongHashFunction;

/** Turns rankings and metric tables into intervals, comparisons, a verdict and examples. */
final class Findings {
  /** A query counts as a hit when a relevant document is among the first ten. */
  private static final int HIT_DEPTH = 10;

  private static final int ANSWERS = 3;
  private static final LongHashFunction CHOICE = LongHashFunction.xx3(0);

  private final RetrievalEvaluation evaluation;
  private final RetrievalTask task;
  private final Map<String, Rankings> rankings;
  private final Map<String, MetricTable> tables;
  private final MetricTable scored;
  private final PairedBootstrap.Resamples resamples;

  Findings(
      RetrievalEvaluation evaluation,
      RetrievalTask task,
      Map<String, Rankings> rankings,
      Map<String, MetricTable> tables) {
    this.evaluation = evaluation;
    this.task = task;
    this.rankings = rankings;
    this.tables = tables;
    this.scored = tables.get(RetrievalEvaluation.MODEL);
    this.resamples =
        evaluation
            .bootstrap()
            .overGroups(
                IntStream.range(0, scored.size())
                    .mapToObj(row -> task.groups().get(scored.ordinal(row)))
                    .toList());
  }

  EvaluationResult result() {
    Metric deciding = evaluation.evaluator().metrics().get(0);
    Comparison modelToBm25 = compare(RetrievalEvaluation.MODEL, RetrievalEvaluation.BM25, deciding);
    String better =
        modelToBm25.difference().difference() >= 0
            ? RetrievalEvaluation.MODEL
            : RetrievalEvaluation.BM25;
    Comparison hybridToBetter = compare(RetrievalEvaluation.HYBRID, better, deciding);
    List<Comparison> comparisons = List.of(modelToBm25, hybridToBetter);
    List<Score> scores = scores();
    return new EvaluationResult(
        task.documents().size(),
        scored.size(),
        resamples.groups(),
        scores,
        comparisons,
        Verdict.sentence(deciding, scores, comparisons),
        examples(row -> modelRank(row) > 0 && modelRank(row) <= HIT_DEPTH),
        examples(row -> modelRank(row) == 0 || modelRank(row) > HIT_DEPTH));
  }

  private List<Score> scores() {
    List<Score> scores = new ArrayList<>();
    tables.forEach(
        (system, table) -> {
          for (Metric metric : table.metrics()) {
            scores.add(new Score(system, metric.key(), resamples.interval(table.values(metric))));
          }
        });
    return List.copyOf(scores);
  }

  private Comparison compare(String system, String baseline, Metric metric) {
    return new Comparison(
        system,
        baseline,
        metric.key(),
        resamples.compare(tables.get(system).values(metric), tables.get(baseline).values(metric)));
  }

  private List<Example> examples(Predicate<Integer> wanted) {
    return IntStream.range(0, scored.size())
        .boxed()
        .filter(wanted)
        .sorted(
            Comparator.<Integer>comparingLong(row -> CHOICE.hashChars(scored.query(row)))
                .thenComparing(scored::query))
        .limit(evaluation.examples())
        .map(this::example)
        .toList();
  }

  private Example example(int row) {
    int query = scored.ordinal(row);
    return new Example(
        scored.query(row),
        task.queryTexts().get(query),
        task.groups().get(query),
        modelRank(row),
        firstRelevant(RetrievalEvaluation.BM25, query),
        answers(RetrievalEvaluation.MODEL, query),
        answers(RetrievalEvaluation.BM25, query));
  }

  private int modelRank(int row) {
    return firstRelevant(RetrievalEvaluation.MODEL, scored.ordinal(row));
  }

  private int firstRelevant(String system, int query) {
    Rankings ranking = rankings.get(system);
    for (int rank = 0; rank < ranking.length(query); rank++) {
      if (task.qrels().relevance(query, ranking.document(query, rank)) > 0) {
        return rank + 1;
      }
    }
    return 0;
  }

  private List<Answer> answers(String system, int query) {
    Rankings ranking = rankings.get(system);
    return IntStream.range(0, Math.min(ANSWERS, ranking.length(query)))
        .mapToObj(
            rank -> {
              int document = ranking.document(query, rank);
              return new Answer(
                  task.documents().name(document),
                  ranking.score(query, rank),
                  task.qrels().relevance(query, document) > 0,
                  task.documentTexts().get(document));
            })
        .toList();
  }
}
