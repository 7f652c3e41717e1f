package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import io.batchwright.data.Tables;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Reasons;
import io.batchwright.data.ledger.Removed;
import io.batchwright.data.pack.PackedSamples;
import io.batchwright.data.token.Marks;
import io.batchwright.data.token.TextIds;
import io.batchwright.data.token.Tokenize;
import io.batchwright.data.token.TrainedTokenizer;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.train.language.Vocabulary;
import io.batchwright.train.model.Sight;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Documents to packed sequences, the samples of a language model: texts, tokens (of pieces),
 * samples, validation_samples, removed_tokens.
 *
 * @param tokenize cuts documents into pieces of a sequence's length at most
 */
record PackedDocuments(PipelineRecipe recipe, Tokenize tokenize) {

  /** The documents that are trained on. */
  static Dataset<Row> training(StageContext context) {
    return ofSplit(context, "train").select("text");
  }

  /** Where special tokens go depends on what a token's state sees. */
  Marks marks() {
    return recipe.train().model().sight() == Sight.BEFORE
        ? Marks.AROUND_DOCUMENTS
        : Marks.AROUND_PIECES;
  }

  /** Packs and commits; the ledger counts documents. */
  StageReport run(StageContext context, TrainedTokenizer tokenizer) {
    recipe.train().objective().require(Vocabulary.of(tokenizer.vocabularySize(), tokenizer.json()));
    Dataset<Row> documents = ofSplit(context, "train").unionByName(ofSplit(context, "validation"));
    Dataset<Row> texts =
        context.commit(
            "texts", TextIds.of(Tables.empty(context.spark(), Tables.QUERIES), documents));
    Dataset<Row> tokens = context.commit("tokens", tokenize.pieces(texts, tokenizer, marks()));
    Dataset<Row> pieces =
        tokens
            .select(col("text_id"), col("length"), Tokenize.document(col("text_id")).as("document"))
            .join(texts.select(col("text_id").as("document"), col("id")), "document")
            .join(documents.select(col("doc_id").as("id"), col("source"), col("split")), "id");
    PackedSamples packed =
        new PackedSamples(recipe.tokens().packing(), tokenize.maxTokens(), recipe.seed());
    Dataset<Row> empty =
        texts
            .join(
                tokens.select(Tokenize.document(col("text_id")).as("text_id")).distinct(),
                new String[] {"text_id"},
                "left_anti")
            .join(documents.select(col("doc_id").as("id"), col("source")), "id")
            .select(Removed.columns(col("id"), TokensStage.NAME, lit("empty_after_tokenization")));
    Map<String, Dataset<Row>> committed =
        context.commitAll(
            Map.of(
                "samples", packed.of(pieces.where(col("split").equalTo("train"))),
                "validation_samples", packed.of(pieces.where(col("split").equalTo("validation"))),
                "removed_tokens", empty));
    if (context.rows("samples") == 0) {
      throw BatchwrightException.data("No document that is trained on has a token.");
    }
    return report(context, tokenizer, tokens, committed);
  }

  private StageReport report(
      StageContext context,
      TrainedTokenizer tokenizer,
      Dataset<Row> tokens,
      Map<String, Dataset<Row>> committed) {
    Placed training = Placed.in(committed.get("samples"));
    Placed validation = Placed.in(committed.get("validation_samples"));
    long made = tokens.agg(coalesce(sum("length"), lit(0L))).head().getLong(0);
    if (training.pieces + validation.pieces != context.rows("tokens")
        || training.tokens + validation.tokens != made) {
      throw new IllegalStateException(
          "%,d pieces with %,d tokens were packed, but there are %,d with %,d"
              .formatted(
                  training.pieces + validation.pieces,
                  training.tokens + validation.tokens,
                  context.rows("tokens"),
                  made));
    }
    int overlap = marks().overlap();
    long trained = training.tokensOfDocuments(overlap);
    long validated = validation.tokensOfDocuments(overlap);
    long sequences = context.rows("samples");
    double fill = (double) training.tokens / ((double) sequences * tokenize.maxTokens());
    return StageReport.of(
            LedgerEntry.of(
                    TokensStage.NAME,
                    context.rows("texts"),
                    training.documents + validation.documents)
                .with(Reasons.count(committed.get("removed_tokens")), Map.of()),
            String.format(
                Locale.ROOT,
                "%,d pieces of vocabulary; %,d documents, %.1f M tokens in %,d sequences of %d,"
                    + " %.1f %% full; %,d tokens in %,d sequences for validation",
                tokenizer.vocabularySize(),
                training.documents,
                trained / 1e6,
                sequences,
                tokenize.maxTokens(),
                100 * fill,
                validated,
                context.rows("validation_samples")))
        .withMetrics(
            Map.of(
                "vocabulary_size", (double) tokenizer.vocabularySize(),
                "tokens_total", (double) (trained + validated),
                "tokens_train", (double) trained,
                "tokens_validation", (double) validated,
                "pieces", (double) context.rows("tokens"),
                "samples", (double) sequences,
                "packing_fill", fill));
  }

  /** (doc_id, source, text, split) of one side. */
  private static Dataset<Row> ofSplit(StageContext context, String split) {
    return context
        .read("documents")
        .select("doc_id", "source", "text")
        .join(context.read("document_splits").where(col("split").equalTo(split)), "doc_id");
  }

  /** What committed samples hold. */
  private record Placed(long documents, long pieces, long tokens) {
    /** Without those that a piece begins with since the one before ended with them. */
    long tokensOfDocuments(int overlap) {
      return tokens - overlap * (pieces - documents);
    }

    static Placed in(Dataset<Row> samples) {
      Dataset<Row> parts =
          samples
              .select(explode(col("parts")).as("part"))
              .select(
                  Tokenize.document(col("part.text_id")).as("document"),
                  col("part.length").as("length"));
      Row counted = parts.agg(count(lit(1)), coalesce(sum("length"), lit(0L))).head();
      return new Placed(
          parts.select("document").distinct().count(), counted.getLong(0), counted.getLong(1));
    }
  }
}
