package io.batchwright.jobs;

import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.JobGroup;
import java.util.List;

/**
 * Reads a recipe, checks that its inputs exist, and prints what would run. Reading and checking
 * happen before a job starts, so that a job that gets here has a sound recipe.
 *
 * @param <C> the recipe record of the job that would run
 */
public final class ValidateJob<C extends Record & JobConfig> implements Job<C> {
  private final Job<C> subject;

  /** Validates recipes of {@code subject}. */
  public ValidateJob(Job<C> subject) {
    this.subject = subject;
  }

  @Override
  public String name() {
    return "validate";
  }

  @Override
  public String description() {
    return "check a recipe and its inputs, and print what would run";
  }

  @Override
  public JobGroup group() {
    return JobGroup.STAGES;
  }

  @Override
  public Class<C> configType() {
    return subject.configType();
  }

  @Override
  public String recipe() {
    return subject.recipe();
  }

  @Override
  public List<Flag> flags() {
    return subject.flags();
  }

  @Override
  public List<String> inputs(C config) {
    return subject.inputs(config);
  }

  @Override
  public List<String> stages(C config) {
    return subject.stages(config);
  }

  @Override
  public boolean keepsRun() {
    return false;
  }

  @Override
  public void run(JobContext<C> context) {
    C config = context.config();
    context.console().line("The recipe is sound.");
    for (String input : inputs(config)) {
      context.console().line("Input   " + input);
    }
    List<String> stages = stages(config);
    for (int i = 0; i < stages.size(); i++) {
      context.console().line("Stage   %d/%d %s".formatted(i + 1, stages.size(), stages.get(i)));
    }
    String out = config.run().folder();
    context.console().line("Output  " + (out.isEmpty() ? "(give --out)" : out));
  }
}
