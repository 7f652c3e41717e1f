package io.batchwright.jobs.pipeline;

import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.DuplicatePair;
import io.batchwright.data.dedup.Output;
import io.batchwright.data.filter.Filters;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Filters documents and removes duplicates: corpus_documents to documents, removed_duplicates and
 * clusters. Where it only annotates, annotations stand in for documents, removed_duplicates says
 * what would go, and nothing is dropped.
 */
final class DuplicatesStage implements StageBody {
  static final String NAME = "duplicates";

  private final PipelineRecipe recipe;

  DuplicatesStage(PipelineRecipe recipe) {
    this.recipe = recipe;
  }

  /** What the report shows of this stage. */
  record Found(
      SortedMap<String, Long> figures,
      List<DuplicatePair> examples,
      SortedMap<String, Long> keptBySource,
      SortedMap<String, Long> removedBySource) {}

  @Override
  public StageReport run(StageContext context) {
    Dataset<Row> documents = context.read(CorpusStage.DOCUMENTS);
    Outcome fit = Filters.apply(documents, recipe.corpus().filters(), NAME);
    Map<String, Dataset<Row>> beside = new TreeMap<>();
    Map<String, Double> more = new TreeMap<>();
    try (Deduplication found = find(context, documents, fit, beside, more)) {
      Map<String, Dataset<Row>> tables = new TreeMap<>(beside);
      if (annotates()) {
        tables.put("annotations", found.annotations());
      } else {
        tables.put("documents", found.outcome().kept());
      }
      tables.put("removed_duplicates", fit.removed().union(found.outcome().removed()));
      tables.put("clusters", found.clusters());
      Map<String, Dataset<Row>> committed = context.commitAll(tables);
      Dataset<Row> kept = committed.getOrDefault("documents", found.outcome().kept());
      Dataset<Row> removed = committed.get("removed_duplicates");
      LedgerEntry removals =
          LedgerEntry.of(
                  NAME,
                  context.rows(CorpusStage.DOCUMENTS),
                  annotates()
                      ? context.rows(CorpusStage.DOCUMENTS) - context.rows("removed_duplicates")
                      : context.rows("documents"))
              .with(Reasons.count(removed), Map.of());
      Found details =
          new Found(
              new TreeMap<>(found.figures()),
              found.examples(documents, 1, recipe.seed()),
              Reasons.by(kept, "source"),
              Reasons.by(removed, "source"));
      more.putAll(metrics(removals, details));
      LedgerEntry ledger =
          annotates() ? LedgerEntry.of(NAME, removals.in(), removals.in()) : removals;
      return StageReport.of(ledger, headline(removals, details))
          .withMetrics(more)
          .withDetails(Details.of(details));
    }
  }

  /** Finds the duplicates, and requires that they are plausible before an index changes. */
  private Deduplication find(
      StageContext context,
      Dataset<Row> documents,
      Outcome fit,
      Map<String, Dataset<Row>> tables,
      Map<String, Double> metrics) {
    Consumer<Dataset<Row>> check =
        removed -> recipe.stopLoss().require(documents, fit.removed().union(removed));
    if (recipe.index().used()) {
      IndexedDuplicates indexed = IndexedDuplicates.of(context, recipe, fit.kept(), check);
      tables.putAll(indexed.tables());
      metrics.putAll(indexed.metrics());
      return indexed.found();
    }
    Deduplication found = recipe.deduplicate().apply(fit.kept());
    try {
      check.accept(found.outcome().removed());
      return found;
    } catch (RuntimeException e) {
      found.close();
      throw e;
    }
  }

  private boolean annotates() {
    return recipe.deduplicate().output() == Output.ANNOTATE;
  }

  private String headline(LedgerEntry ledger, Found found) {
    long duplicates = removed(ledger, "exact_duplicate") + removed(ledger, "near_duplicate");
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%s %,d (%.1f %%): %,d exact, %,d near, verified",
            annotates() ? "annotated; would remove" : "removed",
            duplicates,
            100.0 * duplicates / Math.max(1, ledger.in()),
            removed(ledger, "exact_duplicate"),
            removed(ledger, "near_duplicate")));
    long filtered = ledger.droppedTotal() - duplicates;
    if (filtered > 0) {
      line.append(String.format(Locale.ROOT, "; %,d filtered", filtered));
    }
    long takenBack = found.figures().getOrDefault("index_taken_back", 0L);
    if (takenBack > 0) {
      line.append(
          String.format(
              Locale.ROOT,
              "; took back %,d documents of snapshots whose runs published nothing",
              takenBack));
    }
    for (DuplicatePair pair : found.examples()) {
      line.append(
          String.format(
              Locale.ROOT,
              "; e.g. %s ~%.2f~ %s",
              shortId(pair.docId()),
              pair.similarity(),
              shortId(pair.survivorId())));
    }
    return line.toString();
  }

  /** Documents that went for {@code reason}, or for the same reason found in the index. */
  private static long removed(LedgerEntry ledger, String reason) {
    return ledger.dropped().getOrDefault(reason, 0L)
        + ledger.dropped().getOrDefault(reason + "_in_index", 0L);
  }

  /** The end of an id, which tells documents of one file apart. */
  private static String shortId(String id) {
    String tail = id.substring(id.lastIndexOf('/') + 1);
    return tail.length() <= 48 ? tail : tail.substring(0, 45) + "...";
  }

  private static Map<String, Double> metrics(LedgerEntry ledger, Found found) {
    Map<String, Double> metrics = new HashMap<>();
    metrics.put("documents_in", (double) ledger.in());
    metrics.put("documents_kept", (double) ledger.out());
    metrics.put("duplicates_exact", (double) removed(ledger, "exact_duplicate"));
    metrics.put("duplicates_near", (double) removed(ledger, "near_duplicate"));
    found
        .figures()
        .forEach(
            (name, value) ->
                metrics.put(
                    name.startsWith("index_") ? name : "dedup_" + name, value.doubleValue()));
    return metrics;
  }
}
