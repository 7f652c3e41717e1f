package io.batchwright.jobs.mine;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.corpus.ReadCorpus;
import io.batchwright.jobs.model.EncodeRecipe;
import io.batchwright.jobs.model.EncodeStage;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.model.ShippedModel;
import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.jobs.run.SparkSessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Mines hard negatives: the nearest documents of each training query, and which of them are
 * negatives. Another selection of the same candidates ({@code candidatesFrom}) needs no search.
 */
public final class MineJob implements Job<MineRecipe> {
  private static final String CORPUS = "corpus";

  @Override
  public void run(JobContext<MineRecipe> context) throws Exception {
    MineRecipe recipe = context.config();
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    Optional<RunTables> run = RunTables.of(recipe.input(), hadoop);
    if (run.isEmpty()) {
      context
          .stages()
          .run(
              CORPUS,
              "corpus",
              Fingerprint.of(recipe.input(), recipe.maximumQuarantineShare(), context.rowLimit()),
              stage ->
                  ReadCorpus.stage(stage, recipe.input(), recipe.maximumQuarantineShare(), hadoop));
    }
    Optional<RunTables> earlier = earlier(recipe, hadoop);
    if (earlier.isEmpty()) {
      context
          .stages()
          .run(
              CandidatesStage.NAME,
              "nearest documents",
              Fingerprint.of(
                  recipe.input(),
                  recipe.embeddings(),
                  recipe.documentEmbeddings(),
                  recipe.similarity(),
                  recipe.lists(),
                  recipe.candidates(),
                  // These two say how many are kept for any number of positives.
                  recipe.selection().candidates(0),
                  recipe.selection().candidates(1),
                  recipe.bm25(),
                  context.rowLimit()),
              new CandidatesStage(recipe, run));
    }
    Optional<ModelPath> guide = guideModel(recipe, hadoop);
    if (guide.isPresent()) {
      ShippedModel model = ShippedModel.of(guide.get());
      context
          .stages()
          .run(
              EncodeStage.NAME,
              "guide's vectors",
              Fingerprint.of(model.sha256(), recipe.input()),
              new EncodeStage(EncodeRecipe.DEFAULTS.textsPerBatch(), run, model, 0));
    }
    context
        .stages()
        .run(
            NegativesStage.NAME,
            "negatives",
            Fingerprint.of(
                recipe.candidatesFrom(),
                recipe.selection(),
                recipe.guide(),
                recipe.guideScores(),
                recipe.rescore(),
                recipe.bm25(),
                recipe.similarity(),
                recipe.seed(),
                recipe.examples(),
                context.rowLimit()),
            new NegativesStage(recipe, run, earlier, guide.isPresent()));
  }

  /** The guide where it is a model, of which there are no vectors yet. */
  private static Optional<ModelPath> guideModel(MineRecipe recipe, Configuration hadoop) {
    if (recipe.guide().isBlank()) {
      return Optional.empty();
    }
    boolean encoded =
        RunTables.of(recipe.guide(), hadoop).map(run -> run.has(EncodeStage.TABLE)).orElse(false);
    return encoded ? Optional.empty() : ModelPath.find(recipe.guide(), hadoop);
  }

  private static Optional<RunTables> earlier(MineRecipe recipe, Configuration hadoop) {
    if (recipe.candidatesFrom().isBlank()) {
      return Optional.empty();
    }
    RunTables earlier =
        RunTables.of(recipe.candidatesFrom(), hadoop)
            .orElseThrow(
                () ->
                    BatchwrightException.usage(
                        "There is no run in %s to take candidates from."
                            .formatted(recipe.candidatesFrom())));
    String input = earlier.record().at("/config/input").asText();
    if (!input.equals(recipe.input())) {
      throw BatchwrightException.usage(
          "The candidates in %s are of another input: %s."
              .formatted(recipe.candidatesFrom(), input));
    }
    return Optional.of(earlier);
  }

  @Override
  public String name() {
    return "mine";
  }

  @Override
  public String description() {
    return "Mine hard negatives from embeddings, filtered and reported";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<MineRecipe> configType() {
    return MineRecipe.class;
  }

  @Override
  public List<Flag> flags() {
    return List.of(
        new Flag("--input", "input", "the folder of a run, or files with queries and documents"),
        new Flag("--embeddings", "embeddings", "a run of encode on the same input, or Parquet"),
        new Flag(
            "--candidates-from",
            "candidatesFrom",
            "an earlier mine of the same input: select again, without a search"),
        new Flag(
            "--guide", "guide", "another model, or its embeddings, to tell unlabelled answers"),
        new Flag("--bm25", "bm25.use", "BM25 as miner, which needs no embeddings, or as guide"));
  }

  @Override
  public List<String> inputs(MineRecipe recipe) {
    if (recipe.input().isBlank()) {
      throw BatchwrightException.usage("An input is needed: give --input PATH.");
    }
    if (recipe.embeddings().isBlank()
        && recipe.candidatesFrom().isBlank()
        && recipe.bm25().use() != Bm25Use.MINER) {
      throw BatchwrightException.usage(
          "Embeddings are needed: run batchwright encode on the same input and give --embeddings"
              + " DIR, or give --bm25 miner.");
    }
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    List<String> inputs = new ArrayList<>();
    inputs.add(
        RunTables.of(recipe.input(), hadoop)
            .map(run -> run.folder("documents").toString())
            .orElse(recipe.input()));
    for (String path : List.of(recipe.embeddings(), recipe.documentEmbeddings(), recipe.guide())) {
      if (!path.isBlank()) {
        inputs.add(
            RunTables.of(path, hadoop)
                .map(run -> run.folder("embeddings").toString())
                .orElse(path));
      }
    }
    guideModel(recipe, hadoop).ifPresent(model -> inputs.add(model.folder().toString()));
    for (String scores : List.of(recipe.guideScores(), recipe.rescore())) {
      if (!scores.isBlank()) {
        inputs.add(PairScoreTable.input(scores, hadoop));
      }
    }
    if (!recipe.candidatesFrom().isBlank()) {
      inputs.add(new Path(recipe.candidatesFrom(), "tables/" + CandidatesStage.TABLE).toString());
    }
    return inputs;
  }

  @Override
  public List<String> stages(MineRecipe recipe) {
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    List<String> stages = new ArrayList<>();
    if (RunTables.of(recipe.input(), hadoop).isEmpty()) {
      stages.add(CORPUS);
    }
    if (recipe.candidatesFrom().isBlank()) {
      stages.add(CandidatesStage.NAME);
    }
    if (guideModel(recipe, hadoop).isPresent()) {
      stages.add(EncodeStage.NAME);
    }
    stages.add(NegativesStage.NAME);
    return stages;
  }
}
