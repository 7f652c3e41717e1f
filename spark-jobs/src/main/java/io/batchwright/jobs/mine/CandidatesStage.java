package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.ledger.Removed;
import io.batchwright.data.negative.JudgedCandidates;
import io.batchwright.data.negative.PairScores;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The nearest documents of each training query: mined_candidates, mined_positives (query_id,
 * doc_id, score), cluster_sizes, removed_candidates.
 */
final class CandidatesStage implements StageBody {
  static final String NAME = "candidates";
  static final String TABLE = "mined_candidates";
  static final String POSITIVES = "mined_positives";

  /** The metric that says how many candidates of a query are kept at most. */
  static final String KEPT = "mine_candidates_per_query";

  private final MineRecipe recipe;
  private final Optional<RunTables> run;

  CandidatesStage(MineRecipe recipe, Optional<RunTables> run) {
    this.recipe = recipe;
    this.run = run;
  }

  @Override
  public StageReport run(StageContext context) {
    MinedTexts texts = MinedTexts.of(context, run, recipe.run().rowLimit());
    Dataset<Row> positives = texts.positives();
    Dataset<Row> queries = positives.select("query_id").distinct();
    if (queries.isEmpty()) {
      throw BatchwrightException.data(
          "There is no training query with a relevant document in %s.".formatted(recipe.input()));
    }
    int kept = recipe.kept(JudgedCandidates.mostPositives(texts.queries(), positives));
    Searched searched =
        recipe.bm25().use() == Bm25Use.MINER
            ? byBm25(texts, queries, positives, kept)
            : byEmbeddings(texts, queries, positives, kept);
    context.commit(TABLE, searched.candidates());
    context.commit(POSITIVES, searched.positives());
    context.commit(MinedClusters.TABLE, searched.clusters());
    Dataset<Row> removed = context.commit("removed_candidates", removed(texts, queries, searched));
    long in = texts.queries().count() + texts.documents().count();
    LedgerEntry ledger =
        LedgerEntry.of(NAME, in, searched.queries() + searched.documents())
            .with(Reasons.count(removed), Map.of());
    double recall = searched.recall().applyAsDouble(context.read(TABLE));
    return StageReport.of(
            ledger,
            String.format(
                Locale.ROOT,
                "%,d candidates: the best %d of %,d documents for each of %,d queries, %s, recall %.3f",
                context.rows(TABLE),
                kept,
                searched.documents(),
                searched.queries(),
                searched.how(),
                recall))
        .withMetrics(
            Map.of(
                "mine_queries",
                (double) searched.queries(),
                "mine_documents",
                (double) searched.documents(),
                "mine_candidates",
                (double) context.rows(TABLE),
                KEPT,
                (double) kept,
                "mine_recall",
                recall));
  }

  /**
   * What a search came to.
   *
   * @param candidates {@link io.batchwright.data.Tables#CANDIDATES}
   * @param positives {@code query_id, doc_id, score}
   * @param emptyQueries those that could not be searched for, {@code id}
   * @param emptyDocuments those that could not be found, {@code id}
   * @param queries how many were searched for
   * @param documents how many were searched
   * @param recall the share of the true nearest documents among candidates
   * @param clusters see {@link MinedClusters}
   * @param how in words
   */
  private record Searched(
      Dataset<Row> candidates,
      Dataset<Row> positives,
      Dataset<Row> emptyQueries,
      Dataset<Row> emptyDocuments,
      long queries,
      long documents,
      ToDoubleFunction<Dataset<Row>> recall,
      Dataset<Row> clusters,
      String how) {}

  private Searched byEmbeddings(
      MinedTexts texts, Dataset<Row> queries, Dataset<Row> positives, int kept) {
    StoredEmbeddings stored =
        StoredEmbeddings.read(
            "embeddings",
            recipe.embeddings(),
            recipe.documentEmbeddings(),
            recipe,
            new StoredEmbeddings.Texts(queries, texts.trainable()));
    DocumentSearch search = new DocumentSearch(recipe, kept);
    Optional<float[][]> centres = search.centres(stored.documents());
    Dataset<Row> found = search.search(stored.queries(), stored.documents(), centres);
    boolean unit = stored.queries().unitLength() && stored.documents().unitLength();
    return new Searched(
        found.withColumn("miner", lit("NeighbourSearch")),
        PairScores.of(positives, stored.queries(), stored.documents(), recipe.similarity()),
        stored.queries().zero(),
        stored.documents().zero(),
        stored.queries().rows().count(),
        stored.documents().rows().count(),
        candidates -> search.recall(candidates, stored.queries(), stored.documents()),
        MinedClusters.of(
            stored.queries(),
            centres.map(lists -> search.sizes(stored.documents(), lists)),
            recipe.seed()),
        stored.queries().dims() + " dims" + (unit ? "" : " (not of unit length)"));
  }

  private Searched byBm25(
      MinedTexts texts, Dataset<Row> queries, Dataset<Row> positives, int kept) {
    Bm25Search search =
        new Bm25Search(
            recipe.bm25(),
            texts.queries().join(queries, "query_id"),
            texts.documents().join(texts.trainable(), "doc_id"));
    Dataset<Row> none = queries.select(col("query_id").as("id")).limit(0);
    return new Searched(
        search.search(kept).withColumn("miner", lit("Bm25")),
        search.scores(positives),
        none,
        none,
        queries.count(),
        texts.trainable().count(),
        candidates -> 1,
        MinedClusters.none(queries.sparkSession()),
        "by BM25");
  }

  private static Dataset<Row> removed(MinedTexts texts, Dataset<Row> mined, Searched searched) {
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
            texts.queries().join(searched.emptyQueries(), col("query_id").equalTo(col("id"))),
            "query_id",
            "zero_vector");
    Dataset<Row> emptyDocuments =
        rows(
            texts.documents().join(searched.emptyDocuments(), col("doc_id").equalTo(col("id"))),
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
