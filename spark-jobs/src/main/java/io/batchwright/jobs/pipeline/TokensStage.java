package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.token.Samples;
import io.batchwright.data.token.TextIds;
import io.batchwright.data.token.Tokenize;
import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.data.token.TrainedTokenizer;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.StageBody;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.TextFile;
import io.batchwright.train.model.Model;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Learns the vocabulary on training texts, or takes that of the model that training goes on from,
 * and tokenizes everything: tokenizer.json, texts, tokens, samples. Those of a language model are
 * packed sequences.
 */
final class TokensStage implements StageBody {
  static final String NAME = "tokens";
  static final String TOKENIZER = "tokenizer.json";

  private final PipelineRecipe recipe;
  private final Optional<PretrainedFolder> given;
  private final Prompts prompts;
  private final int longestText;

  /** Opens the folder of the model that training goes on from, if it does. */
  TokensStage(PipelineRecipe recipe) {
    Model model = recipe.train().model();
    this.recipe = recipe;
    given = model.startsFrom();
    prompts = Prompts.of(recipe, given);
    longestText = given.map(PretrainedFolder::maxTokens).orElseGet(model::longestText);
  }

  /**
   * What later stages need of this one.
   *
   * @param settings {@link #fingerprint} of those that the tokens were made by
   */
  record Vocabulary(int size, String sha256, long words, long distinctWords, String settings) {}

  @Override
  public StageReport run(StageContext context) throws IOException {
    TrainedTokenizer tokenizer =
        given.isPresent()
            ? vocabularyOf(given.get())
            : recipe.tokens().tokenizer().train(trainingTexts(context));
    TextFile.write(new Path(context.dir(), TOKENIZER), tokenizer.json(), context);
    context.artifact("tokenizer", TOKENIZER);
    Tokenize tokenize = recipe.tokens().tokenize().atMost(longestText);
    StageReport report =
        recipe.languageModel()
            ? new PackedDocuments(recipe, tokenize).run(context, tokenizer)
            : pairs(context, tokenizer, tokenize);
    TrainedTokenizer.CorpusCounts corpus = tokenizer.corpus();
    return report.withDetails(
        Details.of(
            new Vocabulary(
                tokenizer.vocabularySize(),
                tokenizer.sha256(),
                corpus.words(),
                corpus.distinctWords(),
                fingerprint())));
  }

  private StageReport pairs(StageContext context, TrainedTokenizer tokenizer, Tokenize tokenize) {
    Dataset<Row> queries = context.read("queries");
    Dataset<Row> qrels = context.read("qrels");
    Dataset<Row> texts = context.commit("texts", TextIds.of(queries, context.read("documents")));
    boolean special = recipe.train().model().specialTokens();
    Dataset<Row> tokens =
        context.commit("tokens", tokenize.apply(prompts.before(texts), tokenizer, special));
    Outcome samples = Samples.of(queries, qrels, texts, tokens);
    Dataset<Row> removed =
        context
            .commitAll(
                Map.of(
                    "samples", samples.kept(),
                    "validation_samples",
                        Samples.ofSplit("validation", queries, qrels, texts, tokens).kept(),
                    "removed_tokens", samples.removed()))
            .get("removed_tokens");
    Row counted =
        tokens
            .agg(
                count_if(col("truncated").gt(0)),
                coalesce(sum("length"), lit(0L)),
                coalesce(sum("truncated"), lit(0L)))
            .head();
    long pairs = trainingPairs(queries, qrels);
    LedgerEntry ledger =
        LedgerEntry.of(NAME, pairs, context.rows("samples")).with(Reasons.count(removed), Map.of());
    TrainedTokenizer.CorpusCounts corpus = tokenizer.corpus();
    return StageReport.of(
            ledger,
            String.format(
                Locale.ROOT,
                "%,d pieces %s; %,d texts, %.1f M tokens, %,d texts cut at %d; %,d samples",
                tokenizer.vocabularySize(),
                given.isPresent()
                    ? "of the model"
                    : String.format(Locale.ROOT, "from %,d words", corpus.words()),
                context.rows("texts"),
                counted.getLong(1) / 1e6,
                counted.getLong(0),
                tokenize.maxTokens(),
                ledger.out()))
        .withMetrics(
            Map.of(
                "vocabulary_size", (double) tokenizer.vocabularySize(),
                "tokens_total", (double) counted.getLong(1),
                "texts_truncated", (double) counted.getLong(0),
                "tokens_truncated", (double) counted.getLong(2),
                "samples", (double) ledger.out()));
  }

  /** What identifies the stage's own configuration. */
  String fingerprint() {
    if (recipe.languageModel()) {
      return Fingerprint.of(
          recipe.tokens(),
          recipe.train().model().sight(),
          longestText,
          recipe.seed(),
          given.map(from -> vocabularyOf(from).sha256()).orElse(""));
    }
    boolean special = recipe.train().model().specialTokens();
    return given.isEmpty() && !special
        ? Fingerprint.of(recipe.tokens())
        : Fingerprint.of(
            recipe.tokens(),
            special,
            longestText,
            prompts,
            given.map(from -> vocabularyOf(from).sha256()).orElse(""));
  }

  private static TrainedTokenizer vocabularyOf(PretrainedFolder folder) {
    String json = folder.tokenizerJson();
    return TrainedTokenizer.of(
        json,
        TokenizerDescription.of(json).greatestId() + 1,
        new TrainedTokenizer.CorpusCounts(0, 0, 0, 0, 0));
  }

  private Dataset<Row> trainingTexts(StageContext context) {
    Dataset<Row> documents = PackedDocuments.training(context);
    return recipe.languageModel()
        ? documents
        : documents.union(
            context
                .read("queries")
                .where(col("split").equalTo("train"))
                .select(col("query").as("text")));
  }

  private static long trainingPairs(Dataset<Row> queries, Dataset<Row> qrels) {
    return queries
        .where(col("split").equalTo("train"))
        .select("query_id")
        .join(qrels.where(col("relevance").gt(0)), "query_id")
        .count();
  }
}
