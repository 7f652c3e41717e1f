package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.StageResult;
import io.batchwright.jobs.run.StageRunner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The main job, from sources to a measured model. {@link #run} reads like the list of what happens.
 *
 * <p>The shorter jobs are the same list up to an earlier stage: {@code dedup} ends with duplicates,
 * {@code prepare} with the plan, {@code train} with the model. Each goes on from what a shorter one
 * left in the same folder.
 */
public final class PipelineJob implements Job<PipelineRecipe> {
  private static final List<Flag> DEDUP_FLAGS =
      Stream.concat(
              IndexRecipe.FLAGS.stream(),
              Stream.of(
                  new Flag(
                      "--estimate",
                      "estimate.share",
                      "only estimate removal, shuffle and time, on a hundredth of the documents",
                      "0.01")))
          .toList();

  private final String name;
  private final String description;
  private final JobGroup group;
  private final Until until;
  private final boolean goesBack;

  /** Where a job of this kind ends. */
  enum Until {
    CORPUS,
    DUPLICATES,
    SPLIT,
    TOKENS,
    BUCKETS,
    PLAN,
    TRAIN,
    EVALUATE
  }

  private PipelineJob(String name, JobGroup group, Until until, String description) {
    this(name, group, until, description, false);
  }

  private PipelineJob(
      String name, JobGroup group, Until until, String description, boolean goesBack) {
    this.goesBack = goesBack;
    this.name = name;
    this.group = group;
    this.until = until;
    this.description = description;
  }

  /** The whole recipe. */
  public static PipelineJob pipeline() {
    return new PipelineJob(
        "pipeline",
        JobGroup.EVERYDAY,
        Until.EVALUATE,
        "Run a whole recipe: corpus to measured model");
  }

  /** Corpus to plan and shards. */
  public static PipelineJob prepare() {
    return new PipelineJob(
        "prepare",
        JobGroup.EVERYDAY,
        Until.PLAN,
        "Prepare a corpus: up to planned batches and shards");
  }

  /** Corpus to model, going on from what {@code prepare} left. */
  public static PipelineJob train() {
    return new PipelineJob(
        "train",
        JobGroup.EVERYDAY,
        Until.TRAIN,
        "Train on prepared batches, preparing what is missing");
  }

  /** Corpus to deduplicated documents. */
  public static PipelineJob dedup() {
    return new PipelineJob(
        "dedup", JobGroup.STAGES, Until.DUPLICATES, "Read, filter and deduplicate documents");
  }

  /** Corpus to tokens and samples. */
  public static PipelineJob tokenize() {
    return new PipelineJob(
        "tokenize", JobGroup.STAGES, Until.TOKENS, "Up to the tokenizer, tokens and samples");
  }

  /** Corpus to samples in buckets. */
  public static PipelineJob bucket() {
    return new PipelineJob(
        "bucket", JobGroup.STAGES, Until.BUCKETS, "Up to samples in buckets of like length");
  }

  /** Corpus to plan and shards, as {@code prepare}. */
  public static PipelineJob plan() {
    return new PipelineJob(
        "plan", JobGroup.STAGES, Until.PLAN, "Up to the plan of all batches and their shards");
  }

  /**
   * The job of a notebook, which ends where it is asked to; it may also end earlier than the job
   * that failed in the same folder before.
   */
  static PipelineJob inNotebook(Until until) {
    PipelineJob job = upTo(until);
    return new PipelineJob(job.name, job.group, until, job.description, true);
  }

  private static PipelineJob upTo(Until until) {
    return switch (until) {
      case CORPUS ->
          new PipelineJob("corpus", JobGroup.STAGES, until, "Read and normalize the corpus");
      case DUPLICATES -> dedup();
      case SPLIT -> new PipelineJob("split", JobGroup.STAGES, until, "Up to the held-out split");
      case TOKENS -> tokenize();
      case BUCKETS -> bucket();
      case PLAN -> plan();
      case TRAIN -> train();
      case EVALUATE -> pipeline();
    };
  }

  /** Where the job called {@code name} ends, or empty where it is none of these. */
  static Optional<Until> untilOf(String name) {
    return name.equals(prepare().name())
        ? Optional.of(Until.PLAN)
        : Arrays.stream(Until.values())
            .filter(until -> upTo(until).name().equals(name))
            .findFirst();
  }

  @Override
  public List<String> goesOnFrom() {
    List<String> shorter = new ArrayList<>();
    for (Until earlier : Until.values()) {
      if (goesBack || earlier.compareTo(until) <= 0) {
        shorter.add(upTo(earlier).name());
        if (earlier == Until.PLAN) {
          shorter.add(prepare().name());
        }
      }
    }
    shorter.remove(name);
    return shorter;
  }

  @Override
  public void run(JobContext<PipelineRecipe> context) throws Exception {
    PipelineRecipe recipe = context.config();
    if (recipe.index().maintains()) {
      context
          .stages()
          .run(IndexStage.NAME, "index", Fingerprint.of(recipe.index()), new IndexStage(recipe));
    } else if (recipe.index().backfills()) {
      Requirements.sources(recipe);
      context
          .stages()
          .run(
              Backfill.NAME,
              "backfill",
              Fingerprint.of(recipe.index(), recipe.corpus(), recipe.deduplicate()),
              new Backfill(context, recipe));
    } else if (estimates(recipe)) {
      Requirements.sources(recipe);
      new DedupEstimate(context, recipe.atSnapshot()).run();
    } else {
      run(context, recipe.atSnapshot());
    }
  }

  void run(JobContext<PipelineRecipe> context, PipelineRecipe recipe) throws Exception {
    StageRunner stages = context.stages();
    long limit = context.rowLimit();
    Requirements.check(recipe, until);

    stages.run(
        CorpusStage.NAME,
        "corpus",
        Fingerprint.of(recipe.corpus(), limit),
        new CorpusStage(recipe, limit));
    if (until == Until.CORPUS) {
      return;
    }
    stages.run(
        DuplicatesStage.NAME,
        "duplicates",
        Fingerprint.of(recipe.deduplicate(), recipe.stopLoss(), recipe.index(), recipe.seed()),
        new DuplicatesStage(recipe));
    if (until == Until.DUPLICATES) {
      new DedupReport(context, recipe).write();
      return;
    }
    stages.run(
        SplitStage.NAME,
        "split",
        Fingerprint.of(recipe.split()),
        new SplitStage(recipe, until.compareTo(Until.TOKENS) > 0));
    if (until == Until.SPLIT) {
      return;
    }
    StageReport tokens =
        stages
            .run(
                TokensStage.NAME,
                "tokens",
                TokensStage.fingerprint(recipe),
                new TokensStage(recipe))
            .report();
    if (until == Until.TOKENS) {
      return;
    }
    fromTokens(context, recipe, Details.read(tokens.details(), TokensStage.Vocabulary.class));
  }

  /** The stages that follow the tokens. */
  void fromTokens(
      JobContext<PipelineRecipe> context, PipelineRecipe recipe, TokensStage.Vocabulary vocabulary)
      throws Exception {
    StageRunner stages = context.stages();
    stages.run(
        BucketStage.NAME,
        "buckets",
        Fingerprint.of(
            recipe.batches().bucketing(),
            recipe.batches().negatives(),
            recipe.batches().clusters(),
            recipe.batches().refresh(),
            new TreeSet<>(recipe.batches().policy().needs())),
        new BucketStage(recipe));
    if (until == Until.BUCKETS) {
      return;
    }
    StageReport plan =
        stages
            .run(
                PlanStage.NAME, "plan", planned(recipe), new PlanStage(recipe, vocabulary.sha256()))
            .report();
    if (until == Until.PLAN) {
      return;
    }
    long steps = plan.metrics().get("steps_planned").longValue();
    int epochs = plan.metrics().get(PlanStage.EPOCHS).intValue();
    boolean refreshed = recipe.batches().refresh().on();
    Training training =
        new Training(
            refreshed ? recipe : recipe.withEpochs(epochs), vocabulary.size(), origin(context));
    StageResult trained =
        stages.run(
            TrainStage.NAME,
            "train",
            Fingerprint.of(recipe.train()),
            new TrainStage(
                training, new RefreshedTraining.Planned(steps, epochs, vocabulary.sha256())));
    publish(context, recipe, trained);
    if (until == Until.TRAIN) {
      return;
    }
    if (recipe.controlled()) {
      stages.run(
          ControlStage.NAME,
          "control",
          Fingerprint.of("shuffled"),
          new ControlStage(training, steps, vocabulary.sha256()));
    }
    stages.run(
        EvaluateStage.NAME,
        "evaluate",
        Fingerprint.of(recipe.evaluate()),
        new EvaluateStage(recipe, vocabulary.size()));
    new RunReport(context, recipe).write();
    context.console().line("");
    context.console().line("Report    " + context.config().run().folder() + "/report.html");
  }

  private boolean estimates(PipelineRecipe recipe) {
    return until == Until.DUPLICATES && recipe.estimate().share() > 0;
  }

  /** What the batches of a recipe depend on, besides the samples. */
  private static String planned(PipelineRecipe recipe) {
    return Fingerprint.of(recipe.batches(), recipe.seed(), recipe.train().epochs(), recipe.lanes());
  }

  private static Training.Origin origin(JobContext<?> context) {
    var record = context.record().json();
    return new Training.Origin(
        record.path("run_id").asText(),
        record.path("config_sha256").asText(),
        record.path("commit").asText());
  }

  private static void publish(JobContext<?> context, PipelineRecipe recipe, StageResult stage) {
    TrainStage.Trained trained = Details.read(stage.report().details(), TrainStage.Trained.class);
    context.record().worldSize(recipe.train().ranks());
    context.record().weightsSha256(trained.weightsSha256());
    context.record().determinismKey(trained.determinismKey());
    String key = trained.determinismKey();
    context.record().provider(key.contains(",") ? key.substring(0, key.lastIndexOf(',')) : key, "");
    if (trained.resumedFrom() >= 0 && !stage.skipped()) {
      context.record().resumedFrom("checkpoint of step " + trained.resumedFrom());
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public JobGroup group() {
    return group;
  }

  @Override
  public Class<PipelineRecipe> configType() {
    return PipelineRecipe.class;
  }

  @Override
  public List<String> inputs(PipelineRecipe recipe) {
    if (recipe.index().maintains()) {
      return recipe.index().erase().isEmpty() ? List.of() : List.of(recipe.index().erase());
    }
    if (recipe.index().backfills()) {
      return List.of();
    }
    List<String> inputs = new ArrayList<>(SourcePaths.of(recipe.atSnapshot().corpus().sources()));
    if (until.compareTo(Until.TOKENS) >= 0) {
      recipe
          .train()
          .model()
          .startsFrom()
          .ifPresent(model -> inputs.add(model.folder().toAbsolutePath().toUri().toString()));
    }
    if (until.compareTo(Until.BUCKETS) >= 0) {
      inputs.addAll(batchInputs(recipe));
    }
    return inputs;
  }

  /** What other runs made for the batches: mined negatives, scores, vectors. */
  static List<String> batchInputs(PipelineRecipe recipe) {
    Configuration hadoop = SparkSessions.hadoop(recipe.run());
    List<String> inputs =
        new ArrayList<>(new MinedNegatives(recipe.batches().negatives()).inputs(hadoop));
    if (!recipe.batches().clusters().embeddings().isEmpty()) {
      inputs.add(TextVectors.input(recipe.batches().clusters().embeddings(), hadoop));
    }
    return inputs;
  }

  @Override
  public boolean actsOutsideItsFolder(PipelineRecipe recipe) {
    return recipe.index().used() && !recipe.run().dryRun() && !estimates(recipe);
  }

  @Override
  public void requireStanding(PipelineRecipe recipe, SparkSession spark, Path dir)
      throws IOException {
    IndexAgreement.require(spark, recipe, dir);
  }

  @Override
  public List<Flag> flags() {
    return until == Until.DUPLICATES ? DEDUP_FLAGS : List.of();
  }

  @Override
  public List<String> stages(PipelineRecipe recipe) {
    if (estimates(recipe)) {
      return List.of();
    }
    if (recipe.index().maintains() || recipe.index().backfills()) {
      return List.of(recipe.index().maintains() ? IndexStage.NAME : Backfill.NAME);
    }
    List<String> all =
        new ArrayList<>(
            List.of("corpus", "duplicates", "split", "tokens", "buckets", "plan", "train"));
    if (until == Until.EVALUATE) {
      if (recipe.controlled()) {
        all.add("control");
      }
      all.add("evaluate");
      return all;
    }
    return List.copyOf(all.subList(0, until.ordinal() + 1));
  }

  @Override
  public int ranks(PipelineRecipe recipe) {
    return until.compareTo(Until.TRAIN) >= 0 ? recipe.train().ranks() : 0;
  }
}
