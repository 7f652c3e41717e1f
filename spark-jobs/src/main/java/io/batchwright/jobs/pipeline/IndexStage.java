package io.batchwright.jobs.pipeline;

import io.batchwright.data.dedup.index.DedupIndex;
import io.batchwright.data.dedup.index.IndexChange;
import io.batchwright.data.dedup.index.SnapshotInfo;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Deletes, rolls back, erases or compacts: index_affected (every entry that went, with the output
 * that holds its document) and index_orphans (documents whose survivor went).
 */
final class IndexStage implements StageBody {
  static final String NAME = "index";

  /** The metric that says how many commits the index has seen. */
  static final String COMMITS = "index_commits";

  private final PipelineRecipe recipe;

  IndexStage(PipelineRecipe recipe) {
    this.recipe = recipe;
  }

  @Override
  public StageReport run(StageContext context) {
    IndexRecipe asked = recipe.index();
    DedupIndex index = DedupIndex.open(context.spark(), asked.dir(), recipe.deduplicate());
    if (asked.action() == IndexRecipe.Action.COMPACT) {
      long[] before = index.filesAndBytes();
      index.compact(asked.vacuumHours());
      long entries = index.snapshots().stream().mapToLong(s -> s.documents() - s.erased()).sum();
      return StageReport.of(
              LedgerEntry.of(NAME, entries, entries),
              String.format(
                  Locale.ROOT, "%,d files before, %,d now", before[0], index.filesAndBytes()[0]))
          .withMetrics(metrics(index));
    }
    IndexChange change = change(index, context);
    Map<String, Dataset<Row>> committed =
        context.commitAll(
            Map.of("index_affected", change.affected(), "index_orphans", change.orphans()));
    long gone = committed.get("index_affected").count();
    long orphans = context.rows("index_orphans");
    Map<String, Double> metrics = metrics(index);
    metrics.put("index_entries_removed", (double) gone);
    metrics.put("index_orphans", (double) orphans);
    String cause = asked.action() == IndexRecipe.Action.ERASE ? "erased" : "deleted";
    return StageReport.of(
            LedgerEntry.of(NAME, change.before(), change.after())
                .expandedBy(change.after() + gone - change.before())
                .with(gone == 0 ? Map.of() : Map.of(cause, gone), Map.of()),
            String.format(
                Locale.ROOT,
                "%s %,d entries of snapshots %s;%s %,d documents lost their survivor",
                cause,
                gone,
                change.snapshots().stream().map(s -> s.name() + " (" + s.output() + ")").toList(),
                change.restored().isEmpty()
                    ? ""
                    : " restored "
                        + change.restored().stream().map(SnapshotInfo::name).toList()
                        + " as before their correction;",
                orphans))
        .withMetrics(metrics);
  }

  private IndexChange change(DedupIndex index, StageContext context) {
    IndexRecipe asked = recipe.index();
    return switch (asked.action()) {
      case DELETE -> index.delete(List.of(asked.snapshot()));
      case ROLLBACK -> index.rollback(asked.snapshot());
      case ERASE ->
          index.erase(
              context
                  .spark()
                  .read()
                  .text(asked.erase())
                  .select(functions.trim(functions.col("value")).as("doc_id"))
                  .where("doc_id <> ''"));
      default -> throw new IllegalStateException(asked.action().toString());
    };
  }

  /** How large the index is. */
  static Map<String, Double> metrics(DedupIndex index) {
    Map<String, Double> metrics = new TreeMap<>();
    long[] size = index.filesAndBytes();
    metrics.put("index_files", (double) size[0]);
    metrics.put("index_bytes", (double) size[1]);
    metrics.put(COMMITS, (double) index.generation());
    metrics.put("index_snapshots", (double) index.snapshots().size());
    metrics.put(
        "index_documents", (double) index.snapshots().stream().mapToLong(s -> s.survivors()).sum());
    return metrics;
  }
}
