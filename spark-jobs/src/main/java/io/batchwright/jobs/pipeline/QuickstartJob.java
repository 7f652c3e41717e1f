package io.batchwright.jobs.pipeline;

import io.batchwright.data.corpus.CorpusSource;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.javadoc.JavadocSource;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.train.rank.TrainRecipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The demonstration: {@link PipelineJob} on the documentation of the Java libraries that the build
 * brings, by {@code conf/quickstart.yaml}.
 */
public final class QuickstartJob implements Job<PipelineRecipe> {
  /** Where the launcher says that the {@code -sources} jars lie. */
  static final String SOURCES = "batchwright.sources";

  private final PipelineJob pipeline = PipelineJob.pipeline();

  @Override
  public void run(JobContext<PipelineRecipe> context) throws Exception {
    new MainStages(context, Until.EVALUATE).run(located(context.config()));
    Path out = Path.of(context.config().run().folder());
    context
        .console()
        .line(
            "Try       bin/batchwright search --model "
                + out.resolve("model")
                + " --corpus "
                + out
                + " \"reverse an array in place\"");
    context
        .console()
        .line(
            "Next      your own data: bin/batchwright pipeline --recipe conf/pairs.yaml --out"
                + " my-run");
  }

  /** The recipe with its documentation source where the launcher put the jars. */
  private static PipelineRecipe located(PipelineRecipe recipe) {
    String folder = System.getProperty(SOURCES, "");
    if (folder.isEmpty()) {
      return recipe;
    }
    if (!Files.isDirectory(Path.of(folder))) {
      throw BatchwrightException.usage(
          "The -sources jars of the quickstart are not in "
              + folder
              + "; build the project first (bin/batchwright does).");
    }
    List<CorpusSource> sources =
        recipe.corpus().sources().stream()
            .map(
                source ->
                    source instanceof JavadocSource javadoc
                            && javadoc.jarsDir().equals(JavadocSource.DEFAULTS.jarsDir())
                        ? javadoc.withJarsDir(folder)
                        : source)
            .map(CorpusSource.class::cast)
            .toList();
    return recipe.withSources(sources);
  }

  @Override
  public Set<String> mayChangeOnResume() {
    return TrainStage.mayChangeOnResume();
  }

  @Override
  public String name() {
    return "quickstart";
  }

  @Override
  public String description() {
    return "The demo: from the documentation of Java libraries to a measured search model";
  }

  @Override
  public JobGroup group() {
    return JobGroup.EVERYDAY;
  }

  @Override
  public Class<PipelineRecipe> configType() {
    return PipelineRecipe.class;
  }

  @Override
  public String recipe() {
    return Path.of(System.getProperty("batchwright.home", "."), "conf", "quickstart.yaml")
        .toString();
  }

  @Override
  public String defaultOut() {
    return "batchwright-out/quickstart";
  }

  @Override
  public List<String> inputs(PipelineRecipe recipe) {
    return pipeline.inputs(located(recipe));
  }

  @Override
  public List<String> stages(PipelineRecipe recipe) {
    return pipeline.stages(recipe);
  }

  @Override
  public Optional<TrainRecipe> trains(PipelineRecipe recipe) {
    return pipeline.trains(recipe);
  }
}
