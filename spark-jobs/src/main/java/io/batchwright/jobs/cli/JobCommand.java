package io.batchwright.jobs.cli;

import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.run.Flag;
import io.batchwright.jobs.run.Invocation;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobConfig;
import io.batchwright.jobs.run.JobRunner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A job as a subcommand: the shared flags and its own. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
final class JobCommand<C extends Record & JobConfig> implements Callable<Integer> {
  private final Job<C> job;
  private final JobRunner runner;
  private final Map<Flag, ArgSpec> flags = new LinkedHashMap<>();

  @Mixin private SharedOptions shared = new SharedOptions();

  private JobCommand(Job<C> job, JobRunner runner) {
    this.job = job;
    this.runner = runner;
  }

  static <C extends Record & JobConfig> CommandSpec of(Job<C> job, JobRunner runner) {
    JobCommand<C> command = new JobCommand<>(job, runner);
    CommandSpec spec = CommandSpec.forAnnotatedObject(command);
    spec.name(job.name());
    spec.usageMessage().description(job.description());
    for (Flag flag : job.flags()) {
      ArgSpec argument =
          flag.positional()
              ? PositionalParamSpec.builder()
                  .type(String.class)
                  .paramLabel(flag.name().toUpperCase(java.util.Locale.ROOT))
                  .arity("0..1")
                  .description(flag.description() + " (" + flag.key() + ")")
                  .build()
              : option(flag)
                  .type(String.class)
                  .description(flag.description() + " (" + flag.key() + ")")
                  .build();
      spec.add(argument);
      command.flags.put(flag, argument);
    }
    return spec;
  }

  /** A flag that stands alone, or one with a value. */
  private static OptionSpec.Builder option(Flag flag) {
    OptionSpec.Builder option = OptionSpec.builder(flag.name());
    return flag.whenGiven().isEmpty()
        ? option.paramLabel("VALUE")
        : option.arity("0").fallbackValue(flag.whenGiven());
  }

  @Override
  public Integer call() {
    List<Setting> settings = new ArrayList<>(shared.settings());
    flags.forEach(
        (flag, argument) -> {
          String value = argument.getValue();
          if (value != null) {
            settings.add(Setting.text(flag.key(), value, flag.name()));
          }
        });
    return runner.run(job, new Invocation(shared.recipe(), settings, shared.printConfig()));
  }
}
