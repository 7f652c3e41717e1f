package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.ledger.Removed;
import io.batchwright.data.negative.PairScores;
import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.NeighbourSearch;
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
import org.apache.spark.sql.functions;

/**
 * The nearest documents of each training query: mined_candidates, mined_positives (query_id,
 * doc_id, score), removed_candidates.
 */
final class CandidatesStage implements StageBody {
  static final String NAME = "candidates";
  static final String TABLE = "mined_candidates";
  static final String POSITIVES = "mined_positives";
  private static final int MEGABYTES = 128;

  private final MineRecipe recipe;
  private final Optional<RunTables> run;

  CandidatesStage(MineRecipe recipe, Optional<RunTables> run) {
    this.recipe = recipe;
    this.run = run;
  }

  /** The largest number of positives of a query. */
  static int mostPositives(Dataset<Row> positives) {
    Row most = positives.groupBy("query_id").count().agg(functions.max("count")).head();
    return most.isNullAt(0) ? 0 : Math.toIntExact(most.getLong(0));
  }

  @Override
  public StageReport run(StageContext context) {
    MinedTexts texts = MinedTexts.of(context, run);
    Dataset<Row> positives = texts.positives();
    Dataset<Row> queries = positives.select("query_id").distinct();
    if (queries.isEmpty()) {
      throw BatchwrightException.data(
          "There is no training query with a relevant document in %s.".formatted(recipe.input()));
    }
    StoredEmbeddings stored =
        StoredEmbeddings.read(
            "embeddings",
            recipe.embeddings(),
            recipe.documentEmbeddings(),
            recipe,
            new StoredEmbeddings.Texts(queries, texts.trainable()));
    int k = recipe.kept();
    Dataset<Row> found =
        new NeighbourSearch(k, recipe.similarity(), new ExactSearch(1024, 4096, false), MEGABYTES)
            .search(stored.queries(), stored.documents());
    context.commit(TABLE, found.withColumn("miner", lit("NeighbourSearch")));
    context.commit(
        POSITIVES,
        PairScores.of(positives, stored.queries(), stored.documents(), recipe.similarity()));
    Dataset<Row> removed = context.commit("removed_candidates", removed(texts, queries, stored));
    long in = texts.queries().count() + texts.documents().count();
    LedgerEntry ledger =
        LedgerEntry.of(
                NAME, in, stored.queries().rows().count() + stored.documents().rows().count())
            .with(Reasons.count(removed), Map.of());
    return StageReport.of(ledger, headline(context, stored, k))
        .withMetrics(
            Map.of(
                "mine_queries", (double) stored.queries().count(),
                "mine_documents", (double) stored.documents().count(),
                "mine_candidates", (double) context.rows(TABLE)));
  }

  private String headline(StageContext context, StoredEmbeddings stored, int k) {
    return String.format(
        Locale.ROOT,
        "%,d candidates: the best %d of %,d documents for each of %,d queries, %d dims%s",
        context.rows(TABLE),
        k,
        stored.documents().count(),
        stored.queries().count(),
        stored.queries().dims(),
        stored.queries().unitLength() && stored.documents().unitLength()
            ? ""
            : " (not of unit length)");
  }

  private static Dataset<Row> removed(
      MinedTexts texts, Dataset<Row> mined, StoredEmbeddings stored) {
    Dataset<Row> training = texts.training().select("query_id");
    Dataset<Row> otherQueries =
        rows(
            texts.queries().join(training, new String[] {"query_id"}, "left_anti"),
            "query_id",
            "other_split");
    Dataset<Row> unanswered =
        rows(
            texts.training().join(mined, new String[] {"query_id"}, "left_anti"),
            "query_id",
            "no_positive");
    Dataset<Row> otherDocuments =
        rows(
            texts.documents().join(texts.trainable(), new String[] {"doc_id"}, "left_anti"),
            "doc_id",
            "other_split");
    Dataset<Row> emptyQueries =
        rows(
            texts.queries().join(stored.queries().zero(), col("query_id").equalTo(col("id"))),
            "query_id",
            "zero_vector");
    Dataset<Row> emptyDocuments =
        rows(
            texts.documents().join(stored.documents().zero(), col("doc_id").equalTo(col("id"))),
            "doc_id",
            "zero_vector");
    return otherQueries
        .union(unanswered)
        .union(otherDocuments)
        .union(emptyQueries)
        .union(emptyDocuments);
  }

  private static Dataset<Row> rows(Dataset<Row> texts, String id, String reason) {
    Column[] columns = Removed.columns(col(id), NAME, lit(reason));
    return texts.select(columns);
  }
}
