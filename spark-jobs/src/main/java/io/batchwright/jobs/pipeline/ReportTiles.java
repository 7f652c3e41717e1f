package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.StageReport;
import io.batchwright.report.ReportData;
import io.batchwright.train.evaluation.EvaluationResult;
import io.batchwright.train.evaluation.Interval;
import io.batchwright.train.evaluation.RetrievalEvaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The four figures of the first screen. */
final class ReportTiles {
  private ReportTiles() {}

  static List<ReportData.Tile> of(
      Map<String, StageReport> stages,
      Optional<EvaluateStage.Measured> measured,
      boolean languageModel) {
    var corpus = stages.get(CorpusStage.NAME).ledger();
    var duplicates = stages.get(DuplicatesStage.NAME).ledger();
    long exact = duplicates.dropped().getOrDefault("exact_duplicate", 0L);
    long near = duplicates.dropped().getOrDefault("near_duplicate", 0L);
    boolean balanced = stages.values().stream().allMatch(stage -> stage.ledger().balanced());
    List<ReportData.Tile> tiles = new ArrayList<>();
    tiles.add(
        new ReportData.Tile(
            "documents kept",
            count(duplicates.out()),
            "of %s read".formatted(count(corpus.in() + corpus.expanded())),
            true));
    tiles.add(
        new ReportData.Tile(
            "duplicates removed",
            count(exact + near),
            "%s exact, %s near, each verified".formatted(count(exact), count(near)),
            true));
    tiles.add(
        languageModel
            ? perplexity(stages.get(TrainStage.NAME))
            : measured
                .map(m -> quality(m.visible()))
                .orElse(
                    new ReportData.Tile("nDCG@10", "not measured", "nothing is held out", false)));
    tiles.add(ReportData.Tile.ledger(balanced, stages.size()));
    return tiles;
  }

  private static ReportData.Tile perplexity(StageReport train) {
    Double best = train.metrics().get("train_best_perplexity");
    return best == null
        ? new ReportData.Tile("perplexity", "not measured", "nothing is set aside", false)
        : new ReportData.Tile(
            "perplexity",
            String.format(Locale.ROOT, "%.2f", best),
            "a token of documents set aside, at best after step %s"
                .formatted(count(train.metrics().get("train_best_step").longValue())),
            true);
  }

  private static ReportData.Tile quality(EvaluationResult result) {
    Interval model = result.score(RetrievalEvaluation.MODEL, "ndcg10");
    Interval bm25 = result.score(RetrievalEvaluation.BM25, "ndcg10");
    Interval hybrid = result.score(RetrievalEvaluation.HYBRID, "ndcg10");
    return new ReportData.Tile(
        "nDCG@10 of the model",
        String.format(Locale.ROOT, "%.3f", model.mean()),
        "%s; BM25 %s; hybrid %s".formatted(range(model), figure(bm25), figure(hybrid)),
        true);
  }

  private static String figure(Interval value) {
    return String.format(Locale.ROOT, "%.3f (%s)", value.mean(), range(value));
  }

  private static String range(Interval value) {
    return String.format(Locale.ROOT, "%.3f to %.3f", value.low(), value.high());
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
