package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.run.Fingerprint;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.SparkSessions;
import io.batchwright.train.rank.TrainRecipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The main job, from sources to a measured model: {@link MainStages}, or what keeps and repairs an
 * index of documents.
 *
 * <p>The shorter jobs are the same list up to an earlier stage: {@code dedup} ends with duplicates,
 * {@code prepare} with the plan, {@code train} with the model. Each goes on from what a shorter one
 * left in the same folder.
 */
public final class PipelineJob implements Job<PipelineRecipe> {
  private static final String PREPARE = "prepare";

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

  private PipelineJob(Until until) {
    this(until.job(), until.group(), until, until.description(), false);
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
    return new PipelineJob(Until.EVALUATE);
  }

  /** Corpus to plan and shards: the job {@code plan}, by the name that people look for. */
  public static PipelineJob prepare() {
    return new PipelineJob(
        PREPARE,
        JobGroup.EVERYDAY,
        Until.PLAN,
        "Prepare a corpus: up to planned batches and shards",
        false);
  }

  /** Corpus to model, going on from what {@code prepare} left. */
  public static PipelineJob train() {
    return new PipelineJob(Until.TRAIN);
  }

  /** Corpus to deduplicated documents. */
  public static PipelineJob dedup() {
    return new PipelineJob(Until.DUPLICATES);
  }

  /** Corpus to tokens and samples. */
  public static PipelineJob tokenize() {
    return new PipelineJob(Until.TOKENS);
  }

  /** Corpus to samples in buckets. */
  public static PipelineJob bucket() {
    return new PipelineJob(Until.BUCKETS);
  }

  /** Corpus to plan and shards, as {@code prepare}. */
  public static PipelineJob plan() {
    return new PipelineJob(Until.PLAN);
  }

  /**
   * The job of a notebook, which ends where it is asked to; it may also end earlier than the job
   * that failed in the same folder before.
   */
  static PipelineJob inNotebook(Until until) {
    return new PipelineJob(until.job(), until.group(), until, until.description(), true);
  }

  /** Where the job called {@code name} ends, or empty where it is none of these. */
  static Optional<Until> untilOf(String name) {
    return name.equals(PREPARE)
        ? Optional.of(Until.PLAN)
        : Arrays.stream(Until.values()).filter(until -> until.job().equals(name)).findFirst();
  }

  @Override
  public List<String> goesOnFrom() {
    List<String> shorter = new ArrayList<>();
    for (Until earlier : Until.values()) {
      if (goesBack || earlier.compareTo(until) <= 0) {
        shorter.add(earlier.job());
        if (earlier == Until.PLAN) {
          shorter.add(PREPARE);
        }
      }
    }
    shorter.remove(name);
    return shorter;
  }

  @Override
  public Set<String> mayChangeOnResume() {
    return TrainStage.mayChangeOnResume();
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
      new MainStages(context, until).run(recipe.atSnapshot());
    }
  }

  private boolean estimates(PipelineRecipe recipe) {
    return until == Until.DUPLICATES && recipe.estimate().share() > 0;
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
      if (recipe.languageModel()) {
        return all;
      }
      if (recipe.controlled()) {
        all.add("control");
      }
      all.add("evaluate");
      return all;
    }
    return List.copyOf(all.subList(0, until.ordinal() + 1));
  }

  @Override
  public Optional<TrainRecipe> trains(PipelineRecipe recipe) {
    return Optional.of(recipe.train()).filter(train -> until.compareTo(Until.TRAIN) >= 0);
  }
}
