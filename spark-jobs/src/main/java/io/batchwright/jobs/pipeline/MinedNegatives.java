package io.batchwright.jobs.pipeline;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.negative.NegativeParts;
import io.batchwright.jobs.mine.PairScoreTable;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.train.loss.Loss;
import io.batchwright.train.loss.LossInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What {@code batches.negatives} names, read for the stages that need it. */
record MinedNegatives(NegativesRecipe recipe) {
  /** {@code query_id, doc_id, score}: the teacher's scores that the samples hold. */
  private static final String SCORES = "teacher_scores";

  /** The files whose change makes another run. */
  List<String> inputs(Configuration hadoop) {
    List<String> inputs = new ArrayList<>();
    if (recipe.mined()) {
      inputs.add(mined(hadoop).folder("negatives").toString());
    }
    if (!recipe.teacherScores().isEmpty()) {
      inputs.add(PairScoreTable.input(recipe.teacherScores(), hadoop));
    }
    if (!recipe.guide().isEmpty()) {
      inputs.add(TextVectors.input(recipe.guide(), hadoop));
    }
    return inputs;
  }

  /**
   * Requires that what a loss needs is named.
   *
   * @throws BatchwrightException with exit code 2 if it is not
   */
  void require(Loss loss) {
    Map<LossInput, String> given =
        Map.of(
            LossInput.NEGATIVES, recipe.from(),
            LossInput.TEACHER_SCORES, recipe.teacherScores(),
            LossInput.GUIDE, recipe.guide());
    Map<LossInput, String> keys =
        Map.of(
            LossInput.NEGATIVES, "from",
            LossInput.TEACHER_SCORES, "teacherScores",
            LossInput.GUIDE, "guide");
    for (LossInput input : LossInput.values()) {
      if (loss.needs().contains(input) && given.get(input).isEmpty()) {
        throw BatchwrightException.usage(
            "train.loss: %s needs %s: set batches.negatives.%s."
                .formatted(loss.getClass().getSimpleName(), input.description(), keys.get(input)));
      }
    }
  }

  /**
   * {@code samples} with mined negatives, or empty where there are none.
   *
   * @param asPairs whether each negative makes a sample of its own
   */
  Optional<Outcome> addTo(StageContext context, Dataset<Row> samples, boolean asPairs) {
    if (!recipe.mined()) {
      return Optional.empty();
    }
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    Dataset<Row> texts = context.read("texts");
    Dataset<Row> tokens = context.read("tokens");
    NegativeParts named =
        new NegativeParts(
            mined(hadoop).read(context.spark(), "negatives"), recipe.perSample(), Optional.empty());
    NegativeParts parts =
        recipe.teacherScores().isEmpty()
            ? named
            : named.withScores(scores(context, named.pairs(samples, texts, tokens), hadoop));
    return Optional.of(
        asPairs ? parts.spread(samples, texts, tokens) : parts.addTo(samples, texts, tokens));
  }

  /** A teacher may have scored every candidate, of which a training takes a few. */
  private Dataset<Row> scores(StageContext context, Dataset<Row> pairs, Configuration hadoop) {
    return context.commit(
        SCORES,
        PairScoreTable.read(context.spark(), recipe.teacherScores(), hadoop)
            .join(pairs.hint("shuffle_hash"), new String[] {"query_id", "doc_id"}, "left_semi"));
  }

  /** The guide's vectors, {@code text_id, embedding}, checked; or empty. */
  Optional<Dataset<Row>> guide(StageContext context) {
    return recipe.guide().isEmpty()
        ? Optional.empty()
        : Optional.of(TextVectors.read(context, "guide's embeddings", recipe.guide()));
  }

  private RunTables mined(Configuration hadoop) {
    return RunTables.of(recipe.from(), hadoop)
        .filter(run -> run.has("negatives"))
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    "batches.negatives.from: there is no finished run of mine in %s."
                        .formatted(new Path(recipe.from()))));
  }
}
