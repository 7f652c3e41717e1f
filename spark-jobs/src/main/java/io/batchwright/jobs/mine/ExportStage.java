package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Writes pairs/ in the layout of another trainer, by the driver, a row at a time.
 *
 * <p>The ledger counts queries in and lines of the main file out; {@code expanded} is what queries
 * with several lines add.
 */
final class ExportStage implements StageBody {
  static final String NAME = "export";
  private static final String FOLDER = "pairs";

  private final ExportRecipe recipe;
  private final RunTables mined;

  ExportStage(ExportRecipe recipe, RunTables mined) {
    this.recipe = recipe;
    this.mined = mined;
  }

  @Override
  public StageReport run(StageContext context) throws IOException {
    PairWriter writer = recipe.format().writer(recipe);
    Dataset<Row> pairs = mined.read(context.spark(), NegativesStage.PAIRS);
    SortedMap<String, Long> dropped = new TreeMap<>();
    long queries = 0;
    long lines;
    try (LineFiles files =
        new LineFiles(
            new Path(context.dir(), FOLDER), context.spark().sessionState().newHadoopConf())) {
      writer.start(files);
      if (writer.wantsDocuments()) {
        documents(pairs, writer, files);
      }
      Iterator<Row> rows = pairs.orderBy("query_id").toLocalIterator();
      while (rows.hasNext()) {
        String reason = writer.pair(MinedPair.of(rows.next()), files);
        queries++;
        if (!reason.isEmpty()) {
          dropped.merge(reason, 1L, Long::sum);
        }
      }
      lines = files.lines(writer.mainFile());
    }
    context.artifact(FOLDER, FOLDER);
    LedgerEntry ledger = LedgerEntry.of(NAME, queries, lines).with(dropped, Map.of());
    long expanded = lines + ledger.droppedTotal() - queries;
    return StageReport.of(
        ledger.expandedBy(expanded),
        String.format(
            Locale.ROOT,
            "%,d queries as %,d lines of %s/%s; left out: %s",
            queries,
            lines,
            FOLDER,
            writer.mainFile(),
            dropped.isEmpty() ? "none" : dropped));
  }

  private static void documents(Dataset<Row> pairs, PairWriter writer, LineFiles files)
      throws IOException {
    Iterator<Row> documents =
        pairs
            .select(explode(concat(col("positives"), col("negatives"))).as("document"))
            .select("document.doc_id", "document.text", "document.score")
            .dropDuplicates("doc_id")
            .orderBy("doc_id")
            .toLocalIterator();
    while (documents.hasNext()) {
      writer.document(MinedPair.Text.of(documents.next()), files);
    }
  }
}
