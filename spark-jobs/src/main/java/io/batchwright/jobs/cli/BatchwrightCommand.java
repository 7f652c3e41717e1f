package io.batchwright.jobs.cli;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.BuildInfo;
import io.batchwright.jobs.run.Job;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.jobs.run.JobRunner;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The command line: one subcommand a job, grouped in {@code --help}. */
public final class BatchwrightCommand {
  private final CommandLine commandLine;
  private final Map<JobGroup, Map<String, CommandSpec>> groups = new EnumMap<>(JobGroup.class);

  /** The command line of {@code jobs}, beside the ones that need no recipe. */
  public BatchwrightCommand(List<Job<?>> jobs, PrintStream out, PrintStream err) {
    CommandSpec root = CommandSpec.create().name("batchwright").mixinStandardHelpOptions(true);
    BuildInfo build = BuildInfo.read();
    root.version("batchwright " + build.version() + " (" + build.commit() + ")");
    root.usageMessage()
        .description("Turns a raw corpus into batches worth training on, and trains on them.")
        .footer(
            "",
            "Start with:  batchwright quickstart",
            "Exit codes:  0 done, 2 usage, 3 data, 4 resources, 1 anything else");
    JobRunner runner = new JobRunner(out, err, Clock.systemUTC());
    for (Job<?> job : jobs) {
      add(root, job.group(), JobCommand.of(job, runner));
    }
    add(root, JobGroup.EVERYDAY, CommandSpec.forAnnotatedObject(new CompareCommand(out)));
    add(root, JobGroup.HELP, CommandSpec.forAnnotatedObject(new DoctorCommand(out)));
    add(root, JobGroup.HELP, CommandSpec.forAnnotatedObject(new TechniquesCommand(out)));
    add(root, JobGroup.BUILDERS, CommandSpec.forAnnotatedObject(new GpuCheckCommand(out)));
    commandLine = new CommandLine(root);
    configure(out, err);
  }

  /** Parses {@code arguments}, runs what they ask for and returns the exit code. */
  public int run(String... arguments) {
    return commandLine.execute(arguments);
  }

  private void add(CommandSpec root, JobGroup group, CommandSpec command) {
    root.addSubcommand(command.name(), new CommandLine(command));
    groups.computeIfAbsent(group, any -> new LinkedHashMap<>()).put(command.name(), command);
  }

  private void configure(PrintStream out, PrintStream err) {
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setExecutionStrategy(this::execute);
    commandLine
        .getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, this::commandList);
    commandLine.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println(failure.getMessage());
          return failure instanceof BatchwrightException known ? known.exitCode() : 1;
        });
  }

  private int execute(CommandLine.ParseResult parsed) {
    if (!parsed.hasSubcommand()
        && !parsed.isUsageHelpRequested()
        && !parsed.isVersionHelpRequested()) {
      commandLine.usage(commandLine.getOut());
      return commandLine.getCommandSpec().exitCodeOnInvalidInput();
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private String commandList(Help help) {
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (group, commands) -> {
          text.append("%n%s:%n".formatted(group.heading()));
          commands.forEach(
              (name, command) -> {
                String[] description = command.usageMessage().description();
                text.append(
                    "  %-16s %s%n".formatted(name, description.length > 0 ? description[0] : ""));
              });
        });
    return text.toString();
  }
}
