package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.corpus.CorpusTables;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.ledger.Removed;
import io.batchwright.jobs.corpus.ReadCorpus;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reads the sources once: corpus_documents, corpus_queries, corpus_qrels, removed_corpus,
 * quarantine.
 */
final class CorpusStage implements StageBody {
  static final String NAME = "corpus";
  static final String DOCUMENTS = "corpus_documents";
  static final String QUERIES = "corpus_queries";
  static final String QRELS = "corpus_qrels";

  /** The document column of which a variant hides the declared name; not every source has it. */
  static final String TEXT_WITHOUT_NAME = "text_without_name";

  private final PipelineRecipe recipe;
  private final long rowLimit;

  CorpusStage(PipelineRecipe recipe, long rowLimit) {
    this.recipe = recipe;
    this.rowLimit = rowLimit;
  }

  /** What the report shows of this stage. */
  record Read(SortedMap<String, Long> documentsBySource, SortedMap<String, Long> removed) {}

  @Override
  public StageReport run(StageContext context) {
    ReadCorpus read =
        ReadCorpus.commit(
            context,
            recipe.corpus().sources(),
            "corpus_",
            tables -> limited(normalized(tables), rowLimit));
    CorpusTables tables = read.tables();
    LedgerEntry ledger = read.ledger();
    read.requireUsable("corpus.maximumQuarantineShare", recipe.corpus().maximumQuarantineShare());
    SortedMap<String, Long> bySource = Reasons.by(tables.documents(), "source");
    return StageReport.of(
            ledger,
            String.format(
                Locale.ROOT,
                "%,d documents of %,d sources, %,d queries; %,d dropped, %,d quarantined",
                ledger.out(),
                bySource.size(),
                context.rows(QUERIES),
                ledger.droppedTotal(),
                ledger.quarantinedTotal()))
        .withMetrics(
            Map.of(
                "records_in", (double) (ledger.in() + ledger.expanded()),
                "queries_in", (double) context.rows(QUERIES)))
        .withDetails(Details.of(new Read(bySource, ledger.dropped())));
  }

  private CorpusTables normalized(CorpusTables tables) {
    boolean twoTexts = Arrays.asList(tables.documents().columns()).contains(TEXT_WITHOUT_NAME);
    return new CorpusTables(
        recipe
            .corpus()
            .normalize()
            .apply(tables.documents(), twoTexts ? new String[] {TEXT_WITHOUT_NAME} : new String[0]),
        recipe
            .corpus()
            .normalize()
            .apply(tables.queries().withColumnRenamed("query", "text"))
            .withColumnRenamed("text", "query"),
        tables.qrels(),
        tables.candidates(),
        tables.removed(),
        tables.quarantine());
  }

  /**
   * The first documents by hash of their id, and what belongs to them: the same ones in every run.
   */
  private static CorpusTables limited(CorpusTables tables, long limit) {
    if (limit == 0) {
      return tables;
    }
    Dataset<Row> ids =
        tables
            .documents()
            .select("doc_id")
            .orderBy(xxhash64(col("doc_id")), col("doc_id"))
            .limit(Math.toIntExact(limit));
    Dataset<Row> beyond =
        tables
            .documents()
            .join(ids, new String[] {"doc_id"}, "left_anti")
            .select(Removed.columns(col("doc_id"), NAME, lit("beyond_limit")));
    Dataset<Row> qrels = tables.qrels().join(ids, new String[] {"doc_id"}, "left_semi");
    return new CorpusTables(
        tables.documents().join(ids, new String[] {"doc_id"}, "left_semi"),
        tables.queries().join(qrels, new String[] {"query_id"}, "left_semi"),
        qrels.select("query_id", "doc_id", "relevance"),
        tables.candidates().join(ids, new String[] {"doc_id"}, "left_semi"),
        tables.removed().union(beyond),
        tables.quarantine());
  }
}
