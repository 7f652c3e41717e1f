package io.batchwright.jobs.pipeline;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.split.DocumentSplit;
import io.batchwright.data.split.LeakReport;
import io.batchwright.data.split.Split;
import io.batchwright.data.split.SplitInput;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Holds whole sources out and proves that nothing crosses: queries, qrels, document_splits,
 * removed_split. Of a language model, sets documents aside: document_splits, removed_split.
 */
final class SplitStage implements StageBody {
  static final String NAME = "split";

  private final PipelineRecipe recipe;
  private final boolean needsPairs;

  /** A split that fails where {@code needsPairs} and nothing is left to train on. */
  SplitStage(PipelineRecipe recipe, boolean needsPairs) {
    this.recipe = recipe;
    this.needsPairs = needsPairs;
  }

  /** What the report shows of this stage. */
  record Divided(SortedMap<String, Long> figures, LeakReport leaks) {}

  /** What identifies the stage's own configuration; documents are split otherwise than pairs. */
  String fingerprint() {
    return recipe.languageModel()
        ? Fingerprint.of(recipe.split(), "documents")
        : Fingerprint.of(recipe.split());
  }

  @Override
  public StageReport run(StageContext context) {
    SplitInput input =
        new SplitInput(
            context.read("documents"),
            context.read(CorpusStage.DOCUMENTS).select("doc_id", "source"),
            context.read("removed_duplicates"),
            context.read("clusters"),
            context.read(CorpusStage.QUERIES),
            context.read(CorpusStage.QRELS));
    return recipe.languageModel() ? documents(context, input) : pairs(context, input);
  }

  private StageReport documents(StageContext context, SplitInput input) {
    try (DocumentSplit split = recipe.split().ofDocuments(input)) {
      Map<String, Dataset<Row>> committed =
          context.commitAll(
              Map.of("document_splits", split.documents(), "removed_split", split.removed()));
      requireClean(split.leaks());
      SortedMap<String, Long> figures = new TreeMap<>(Map.of("train", 0L, "validation", 0L));
      figures.putAll(Reasons.by(committed.get("document_splits"), "split"));
      long train = figures.get("train");
      long validation = figures.get("validation");
      if (needsPairs && train == 0) {
        throw BatchwrightException.data(
            "There is no document to train on: split.validationShare takes all of %,d."
                .formatted(context.rows("documents")));
      }
      return StageReport.of(
              LedgerEntry.of(NAME, context.rows("documents"), train + validation)
                  .with(Reasons.count(committed.get("removed_split")), Map.of()),
              String.format(
                  Locale.ROOT,
                  "%,d documents to train on, %,d for validation; 0 near-duplicates cross (%,d pairs"
                      + " compared, %,d documents excluded)",
                  train,
                  validation,
                  split.leaks().comparedPairs(),
                  split.leaks().excludedDocuments()))
          .withMetrics(
              Map.of(
                  "documents_train", (double) train,
                  "documents_validation", (double) validation,
                  "leaks_found", (double) split.leaks().nearPairs(),
                  "leaks_remaining", (double) split.leaks().remainingNearPairs()))
          .withDetails(Details.of(new Divided(figures, split.leaks())));
    }
  }

  private StageReport pairs(StageContext context, SplitInput input) {
    try (Split split = recipe.split().apply(input)) {
      Dataset<Row> removed =
          context
              .commitAll(
                  Map.of(
                      "queries", split.outcome().kept(),
                      "qrels", split.qrels(),
                      "document_splits", split.documents(),
                      "removed_split", split.outcome().removed()))
              .get("removed_split");
      requireClean(split.leaks());
      LedgerEntry ledger =
          LedgerEntry.of(NAME, context.rows(CorpusStage.QUERIES), context.rows("queries"))
              .with(Reasons.count(removed), Map.of());
      SortedMap<String, Long> figures = new TreeMap<>(split.figures());
      if (needsPairs) {
        TrainingPairs.require(figures.get("train"), context.rows(CorpusStage.QUERIES));
      }
      return StageReport.of(ledger, headline(figures, split.leaks()))
          .withMetrics(
              Map.of(
                  "queries_train", (double) figures.get("train"),
                  "queries_validation", (double) figures.get("validation"),
                  "queries_held_out", (double) figures.get("held_out"),
                  "leaks_found", (double) split.leaks().nearPairs(),
                  "leaks_remaining", (double) split.leaks().remainingNearPairs()))
          .withDetails(Details.of(new Divided(figures, split.leaks())));
    }
  }

  private static void requireClean(LeakReport leaks) {
    if (!leaks.clean()) {
      throw BatchwrightException.data(
          "The split leaks: %,d near-duplicate pairs and %,d equal queries cross it."
              .formatted(leaks.remainingNearPairs(), leaks.remainingEqualQueries()));
    }
  }

  private static String headline(SortedMap<String, Long> figures, LeakReport leaks) {
    return String.format(
        Locale.ROOT,
        "%,d train, %,d validation, %,d held-out queries; 0 near-duplicates cross (%,d pairs"
            + " compared, %,d documents excluded)",
        figures.get("train"),
        figures.get("validation"),
        figures.get("held_out"),
        leaks.comparedPairs(),
        leaks.excludedDocuments());
  }
}
