package io.batchwright.jobs.model;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.ledger.Removed;
import io.batchwright.data.search.EmbeddingTable;
import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Encodes texts on executors: embeddings, removed_encode. */
public final class EncodeStage implements StageBody {
  /** The stage's name. */
  public static final String NAME = "encode";

  /** What it commits: {@code text_id, kind, id, embedding, model_sha256}. */
  public static final String TABLE = "embeddings";

  static final StructType EMBEDDINGS =
      new StructType()
          .add(Tables.EMBEDDINGS.apply("text_id"))
          .add("kind", DataTypes.StringType, false)
          .add("id", DataTypes.StringType, false)
          .add(Tables.EMBEDDINGS.apply("embedding"))
          .add(Tables.EMBEDDINGS.apply("model_sha256"));

  private final int textsPerBatch;
  private final Optional<RunTables> run;
  private final ShippedModel model;
  private final long rowLimit;

  /**
   * Encodes the documents and queries of {@code run}, or of the tables that this job's corpus stage
   * committed.
   *
   * @param textsPerBatch texts that a task encodes at once
   * @param rowLimit documents and queries encoded, the first by hash; 0: all
   */
  public EncodeStage(
      int textsPerBatch, Optional<RunTables> run, ShippedModel model, long rowLimit) {
    this.textsPerBatch = textsPerBatch;
    this.run = run;
    this.model = model;
    this.rowLimit = rowLimit;
  }

  @Override
  public StageReport run(StageContext context) {
    Dataset<Row> documents = limited(table(context, "documents"));
    Dataset<Row> queries = queries(context);
    Dataset<Row> texts = TextIds.of(queries, documents);
    Column blank = trim(coalesce(col("text"), lit("")), " \t\r\n").equalTo("");
    try (EncodedTexts encoded = new EncodedTexts(context.spark(), model)) {
      Dataset<Row> embeddings =
          context.commit(TABLE, encoded.of(texts.where(blank.unary_$bang()), textsPerBatch));
      Dataset<Row> removed =
          context.commit("removed_encode", removed(documents, queries, texts.where(blank)));
      long in = documents.count() + queries.count();
      LedgerEntry ledger =
          LedgerEntry.of(NAME, in, context.rows(TABLE)).with(Reasons.count(removed), Map.of());
      long unknown = embeddings.where(EmbeddingTable.norm(col("embedding")).equalTo(0)).count();
      int dims = model.dims();
      return StageReport.of(
              ledger,
              String.format(
                  Locale.ROOT,
                  "%,d texts in %d dims, %,d of them without a known token; %,d dropped",
                  ledger.out(),
                  dims,
                  unknown,
                  ledger.droppedTotal()))
          .withMetrics(
              Map.of(
                  "embeddings", (double) ledger.out(),
                  "embedding_dims", (double) dims,
                  "texts_without_tokens", (double) unknown));
    }
  }

  private Dataset<Row> table(StageContext context, String name) {
    return run.map(tables -> tables.read(context.spark(), name))
        .orElseGet(() -> context.read(name));
  }

  /** A run that ended before its split has no queries yet. */
  private Dataset<Row> queries(StageContext context) {
    return run.isEmpty() || run.get().has("queries")
        ? limited(table(context, "queries"))
        : Tables.empty(context.spark(), Tables.QUERIES);
  }

  /** The first by hash of their id: the same ones in every run. */
  private Dataset<Row> limited(Dataset<Row> rows) {
    Column id = col(rows.columns()[0]);
    return rowLimit == 0 ? rows : rows.orderBy(xxhash64(id), id).limit(Math.toIntExact(rowLimit));
  }

  private static Dataset<Row> removed(
      Dataset<Row> documents, Dataset<Row> queries, Dataset<Row> blank) {
    Dataset<Row> sources =
        documents
            .select(lit(TextIds.DOCUMENT).as("kind"), col("doc_id").as("id"), col("source"))
            .union(
                queries.select(
                    lit(TextIds.QUERY).as("kind"), col("query_id").as("id"), col("source")));
    return blank
        .join(sources, new String[] {"kind", "id"})
        .select(Removed.columns(col("id"), NAME, lit("empty_text")));
  }
}
