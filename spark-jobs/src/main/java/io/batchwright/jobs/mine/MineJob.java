package io.batchwright.jobs.mine;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.corpus.ReadCorpus;
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
              Fingerprint.of(recipe.input(), recipe.maximumQuarantineShare()),
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
                  recipe.kept()),
              new CandidatesStage(recipe, run));
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
                recipe.seed(),
                recipe.examples()),
            new NegativesStage(recipe, run, earlier));
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
        new Flag("--guide", "guide", "embeddings of another model, to tell unlabelled answers"));
  }

  @Override
  public List<String> inputs(MineRecipe recipe) {
    if (recipe.input().isBlank()) {
      throw BatchwrightException.usage("An input is needed: give --input PATH.");
    }
    if (recipe.embeddings().isBlank() && recipe.candidatesFrom().isBlank()) {
      throw BatchwrightException.usage(
          "Embeddings are needed: run batchwright encode on the same input and give --embeddings"
              + " DIR.");
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
    if (!recipe.guideScores().isBlank()) {
      inputs.add(PairScoreTable.input(recipe.guideScores(), hadoop));
    }
    if (!recipe.candidatesFrom().isBlank()) {
      inputs.add(new Path(recipe.candidatesFrom(), "tables/" + CandidatesStage.TABLE).toString());
    }
    return inputs;
  }

  @Override
  public List<String> stages(MineRecipe recipe) {
    List<String> stages = new ArrayList<>();
    if (RunTables.of(recipe.input(), SparkSessions.hadoop(recipe.run())).isEmpty()) {
      stages.add(CORPUS);
    }
    if (recipe.candidatesFrom().isBlank()) {
      stages.add(CandidatesStage.NAME);
    }
    stages.add(NegativesStage.NAME);
    return stages;
  }
}
