package io.batchwright.jobs.pipeline;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.corpus.CorpusTexts;
import io.batchwright.jobs.corpus.RunTokens;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.model.TextSearch;
import io.batchwright.jobs.run.JobRunner;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.train.export.Encoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The main job stage by stage, for notebooks and the shell.
 *
 * <pre>{@code
 * val pipeline = Pipeline.open(spark, "conf/quickstart.yaml", "hdfs:///runs/first")
 * pipeline.corpus()
 * pipeline.duplicates()
 * pipeline.table("removed_duplicates").createOrReplaceTempView("removed")
 * }</pre>
 *
 * <p>Each call runs what is missing up to its stage and returns that stage's result in one line.
 * The output folder is the one that the command line would leave: {@code bin/batchwright pipeline
 * --out} goes on from it, and a folder that {@code pipeline} or a shorter job left opens here (one
 * of {@code quickstart} too, for {@link #table} and {@link #search}). The session stays its
 * owner's: it is neither configured nor stopped. On a cluster its checkpoint directory is set, if
 * it has none.
 *
 * <p>Not safe for use by several threads.
 */
public final class Pipeline {
  private static final StructType HITS =
      new StructType()
          .add("rank", DataTypes.IntegerType, false)
          .add("score", DataTypes.DoubleType, false)
          .add("doc_id", DataTypes.StringType, false)
          .add("text", DataTypes.StringType, false);

  private final SparkSession spark;
  private final Recipe recipe;
  private final List<Setting> settings;
  private final String out;

  private Pipeline(SparkSession spark, Recipe recipe, List<Setting> settings, String out) {
    this.spark = spark;
    this.recipe = recipe;
    this.settings = settings;
    this.out = out;
  }

  /**
   * A pipeline over {@code recipe} in the folder {@code out}; runs nothing yet.
   *
   * @param recipe YAML text of more than one line, or the path or name of a recipe
   * @param settings {@code key=value}, laid over the recipe as by {@code --set}
   * @throws BatchwrightException with every problem of the recipe
   */
  public static Pipeline open(SparkSession spark, String recipe, String out, String... settings) {
    Recipe read =
        recipe.contains("\n")
            ? new Recipe("the recipe", recipe)
            : Recipe.load(recipe, spark.sessionState().newHadoopConf());
    List<Setting> laid = new ArrayList<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw BatchwrightException.usage("setting " + setting + ": expected key=value");
      }
      laid.add(
          new Setting(
              setting.substring(0, equals).strip(), setting.substring(equals + 1), "setting"));
    }
    laid.add(Setting.text("run.out", out, "out"));
    laid.add(new Setting("run.onExisting", "resume", "open"));
    RecipeReader.read(PipelineRecipe.class, read, laid);
    return new Pipeline(spark, read, laid, out);
  }

  /** Reads and normalizes the sources. */
  public String corpus() {
    return reach(Until.CORPUS, CorpusStage.NAME);
  }

  /** Removes what the filters refuse, and duplicates. */
  public String duplicates() {
    return reach(Until.DUPLICATES, DuplicatesStage.NAME);
  }

  /** Holds sources out and proves that nothing crosses. */
  public String split() {
    return reach(Until.SPLIT, SplitStage.NAME);
  }

  /** Learns the vocabulary and tokenizes. */
  public String tokens() {
    return reach(Until.TOKENS, TokensStage.NAME);
  }

  /** Sorts samples of like length together. */
  public String buckets() {
    return reach(Until.BUCKETS, BucketStage.NAME);
  }

  /** Lays out the batches, as a table and as shards. */
  public String plan() {
    return reach(Until.PLAN, PlanStage.NAME);
  }

  /** Trains and exports the model. */
  public String train() {
    return reach(Until.TRAIN, TrainStage.NAME);
  }

  /**
   * Measures the model on what was held out; returns the verdict and writes report.html. A language
   * model was measured while it trained; that result is returned.
   */
  public String evaluate() {
    return reach(Until.EVALUATE, EvaluateStage.NAME, TrainStage.NAME);
  }

  /** A table that a stage committed, such as {@code documents}; see docs/tables.md. */
  public Dataset<Row> table(String name) {
    return run()
        .orElseThrow(() -> BatchwrightException.usage("Nothing has run in " + out + " yet."))
        .read(spark, name);
  }

  /**
   * The documents that answer {@code query} best, after {@link #train}: rank, score, doc_id, text.
   * The corpus is encoded on the driver at every call.
   */
  public Dataset<Row> search(String query, int top) {
    List<Row> rows = new ArrayList<>();
    try (Encoder encoder = ModelPath.of(out, hadoop()).open()) {
      CorpusTexts corpus = CorpusTexts.read(out, hadoop());
      RunTokens tokens = RunTokens.read(out, hadoop());
      for (TextSearch.Hit hit : TextSearch.best(encoder, corpus, tokens, query, top)) {
        rows.add(RowFactory.create(rows.size() + 1, hit.score(), hit.docId(), hit.text()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return spark.createDataFrame(rows, HITS);
  }

  /** Runs up to {@code asked}; returns the result of the first of {@code stages} that there is. */
  private String reach(Until asked, String... stages) {
    JobRunner.runOn(spark, PipelineJob.inNotebook(until(asked)), recipe, settings);
    return Arrays.stream(stages)
        .flatMap(stage -> run().flatMap(run -> run.headline(stage)).stream())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("stage " + stages[0] + " left no marker"));
  }

  /** Where a finished run ended, if that is later: asking for less takes nothing back. */
  private Until until(Until asked) {
    return run()
        .filter(run -> run.record().path("status").asText().equals("done"))
        .flatMap(run -> PipelineJob.untilOf(run.job()))
        .filter(ended -> ended.compareTo(asked) > 0)
        .orElse(asked);
  }

  private Optional<RunTables> run() {
    return RunTables.of(out, hadoop());
  }

  private Configuration hadoop() {
    return spark.sessionState().newHadoopConf();
  }
}
