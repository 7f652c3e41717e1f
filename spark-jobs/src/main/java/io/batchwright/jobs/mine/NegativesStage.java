package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.size;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.negative.JudgedCandidates;
import io.batchwright.data.negative.NegativeSelection;
import io.batchwright.data.negative.PairScores;
import io.batchwright.data.negative.Rescoring;
import io.batchwright.data.negative.Sampling;
import io.batchwright.jobs.model.EncodeStage;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.TextFile;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * From candidates to negatives, without encoding or searching: judged_candidates (each with a
 * reason or a place), negatives, mined_pairs, and mined.md to read.
 */
final class NegativesStage implements StageBody {
  static final String NAME = "negatives";
  static final String PAIRS = "mined_pairs";
  private static final String PAGE = "mined.md";
  private static final String GUIDE = "guide's embeddings";

  private final MineRecipe recipe;
  private final Optional<RunTables> run;
  private final Optional<RunTables> earlier;
  private final boolean guideEncoded;

  /**
   * Selects from the candidates of this run, or of an earlier one.
   *
   * @param guideEncoded whether an earlier stage of this run encoded the texts with the guide
   */
  NegativesStage(
      MineRecipe recipe,
      Optional<RunTables> run,
      Optional<RunTables> earlier,
      boolean guideEncoded) {
    this.guideEncoded = guideEncoded;
    this.recipe = recipe;
    this.run = run;
    this.earlier = earlier;
  }

  @Override
  public StageReport run(StageContext context) throws IOException {
    MinedTexts texts = MinedTexts.of(context, run, recipe.run().rowLimit());
    Optional<Rescoring> judge = rescoring(context);
    Dataset<Row> candidates = scored(judge, found(context, CandidatesStage.TABLE));
    Dataset<Row> positives = scored(judge, found(context, CandidatesStage.POSITIVES));
    Optional<Dataset<Row>> guide = guide(context, texts, candidates, positives);
    int most = JudgedCandidates.mostPositives(texts.queries(), positives);
    Dataset<Row> judged =
        new JudgedCandidates(texts.queries(), texts.documents(), texts.qrels(), positives, guide)
            .of(candidates);
    Dataset<Row> decided =
        context.commit("judged_candidates", recipe.selection().decide(judged, most, recipe.seed()));
    Dataset<Row> negatives = context.commit(NAME, NegativeSelection.negatives(decided));
    Dataset<Row> pairs =
        context.commit(
            PAIRS, MinedPairs.of(texts.queries(), texts.documents(), positives, negatives));
    Optional<String> warning = warning(pairs, texts.trainable(), most);
    SortedMap<String, Long> dropped = Reasons.count(decided.where(col("reason").isNotNull()));
    LedgerEntry ledger =
        LedgerEntry.of(NAME, decided.count(), context.rows(NAME)).with(dropped, Map.of());
    MinedFigures figures =
        MinedFigures.of(
            decided, pairs, positives, guide.isPresent(), recipe.selection().perQuery());
    TextFile.write(
        new Path(context.dir(), PAGE),
        new MinedPage(figures, warning, dropped, recipe)
            .text(pairs, decided, clusters(context, positives)),
        context);
    context.artifact("mined", PAGE);
    String said = warning.map(text -> "; WARNING: " + text).orElse("");
    return StageReport.of(ledger, headline(context, figures) + said)
        .withMetrics(figures.metrics())
        .withNotMeasured(figures.notMeasured());
  }

  private Dataset<Row> found(StageContext context, String table) {
    return earlier
        .map(tables -> tables.read(context.spark(), table))
        .orElseGet(() -> context.read(table));
  }

  /** What the candidates of an earlier run are too few for, or empty. */
  private Optional<String> warning(Dataset<Row> pairs, Dataset<Row> documents, int most) {
    int wanted = recipe.selection().candidates(most);
    int kept = earlier.map(NegativesStage::kept).orElse(wanted);
    if (kept >= Math.min(wanted, documents.count())) {
      return Optional.empty();
    }
    long few = pairs.where(size(col("negatives")).lt(recipe.selection().perQuery())).count();
    if (few == 0 && recipe.selection().sampling() == Sampling.TOP) {
      return Optional.empty(); // what was kept last would not have been chosen
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "the selection looks at %,d candidates of a query, of which %s kept %,d; %,d queries"
                + " have fewer than %d negatives: mine again with --set candidates=%d",
            wanted,
            recipe.candidatesFrom(),
            kept,
            few,
            recipe.selection().perQuery(),
            wanted));
  }

  /** Earlier versions kept no more than the recipe says, and did not say how many. */
  private static int kept(RunTables mined) {
    JsonNode record = mined.record();
    return record
        .at("/metrics/" + CandidatesStage.KEPT)
        .asInt(record.at("/config/candidates").asInt());
  }

  /** Those in place of the miner's. */
  private Optional<Rescoring> rescoring(StageContext context) {
    return recipe.rescore().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Rescoring(
                PairScoreTable.read(
                    context.spark(), recipe.rescore(), SparkSessions.hadoop(recipe.run()))));
  }

  private static Dataset<Row> scored(Optional<Rescoring> scores, Dataset<Row> rows) {
    return scores.map(known -> known.of(rows)).orElse(rows);
  }

  /** The page's section on clusters; an earlier run may be of a version that had none. */
  private String clusters(StageContext context, Dataset<Row> positives) {
    Optional<Dataset<Row>> sizes =
        earlier.isPresent() && !earlier.get().has(MinedClusters.TABLE)
            ? Optional.empty()
            : Optional.of(found(context, MinedClusters.TABLE));
    return MinedClusters.section(
        sizes, Math.toIntExact(positives.select("query_id").distinct().count()));
  }

  /** Another model's scores of candidates and positives, committed. */
  private Optional<Dataset<Row>> guide(
      StageContext context, MinedTexts texts, Dataset<Row> candidates, Dataset<Row> positives) {
    Dataset<Row> pairs =
        candidates
            .select("query_id", "doc_id")
            .union(positives.select("query_id", "doc_id"))
            .distinct();
    if (recipe.bm25().use() == Bm25Use.GUIDE) {
      Dataset<Row> documents = texts.documents().join(texts.trainable(), "doc_id");
      Dataset<Row> queries = texts.queries().join(pairs, new String[] {"query_id"}, "left_semi");
      return Optional.of(
          context.commit(
              PairScoreTable.TABLE,
              new Bm25Search(recipe.bm25(), queries, documents).scores(pairs)));
    }
    if (!recipe.guideScores().isEmpty()) {
      return Optional.of(
          context.commit(
              PairScoreTable.TABLE,
              PairScoreTable.read(
                      context.spark(), recipe.guideScores(), SparkSessions.hadoop(recipe.run()))
                  .join(pairs, new String[] {"query_id", "doc_id"}, "left_semi")));
    }
    return recipe.guide().isEmpty()
        ? Optional.empty()
        : Optional.of(guideModelScores(context, pairs));
  }

  private Dataset<Row> guideModelScores(StageContext context, Dataset<Row> pairs) {
    // Few ids of many pairs, which are asked for several times.
    Dataset<Row> queries = pairs.select("query_id").distinct().persist();
    Dataset<Row> documents = pairs.select("doc_id").distinct().persist();
    try {
      StoredEmbeddings.Texts needed = new StoredEmbeddings.Texts(queries, documents);
      StoredEmbeddings stored =
          guideEncoded
              ? StoredEmbeddings.of(GUIDE, context.read(EncodeStage.TABLE), needed)
              : StoredEmbeddings.read(GUIDE, recipe.guide(), "", recipe, needed);
      return context.commit(
          PairScoreTable.TABLE,
          PairScores.of(pairs, stored.queries(), stored.documents(), recipe.similarity()));
    } finally {
      queries.unpersist();
      documents.unpersist();
    }
  }

  private String headline(StageContext context, MinedFigures figures) {
    return String.format(
        Locale.ROOT,
        "%,d negatives for %,d pairs' queries; %.1f %% of the unlabelled candidates score above 95 %%"
            + " of the positive",
        context.rows(NAME),
        context.rows(PAIRS),
        100 * figures.closeShare());
  }
}
