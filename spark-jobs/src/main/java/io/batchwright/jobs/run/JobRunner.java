package io.batchwright.jobs.run;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.OriginPrinter;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.config.Resolved;
import io.batchwright.jobs.config.Setting;
import io.batchwright.ui.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Runs one job from its recipe to its exit code.
 *
 * <p>Reading order: {@link #run}, which resolves the recipe, checks the input and hands a job that
 * keeps a run to {@link OneRun}.
 */
public final class JobRunner {
  private final PrintStream out;
  private final PrintStream err;
  private final Clock clock;

  /** A runner that prints to {@code out}, and warnings and failures to {@code err}. */
  public JobRunner(PrintStream out, PrintStream err, Clock clock) {
    this.out = out;
    this.err = err;
    this.clock = clock;
  }

  /** Runs {@code job} and returns the exit code; a failure is printed as one paragraph. */
  public <C extends Record & JobConfig> int run(Job<C> job, Invocation invocation) {
    try {
      Configuration hadoop = SparkSessions.hadoop(RunSettings.DEFAULTS);
      Resolved<C> resolved = resolve(job, invocation, hadoop);
      if (invocation.printConfig()) {
        out.print(OriginPrinter.print(resolved));
        return 0;
      }
      resolved.warnings().forEach(warning -> err.println("Warning: " + warning));
      SparkVersion.require();
      C config = resolved.config();
      Console console = console(config.run().quiet());
      Configuration configured = SparkSessions.hadoop(config.run());
      requireInputs(job.inputs(config), configured);
      if (job.keepsRun()) {
        new OneRun<>(job, resolved, configured, console, clock).run(Optional.empty());
        return 0;
      }
      try (RunSession session =
          new RunSession(job.name(), config.run(), job.trains(config), console)) {
        job.run(new JobContext<>(resolved, session, null, console));
        return 0;
      }
    } catch (Exception | LinkageError | OutOfMemoryError | FSError e) {
      Failure failure = Failure.of(e);
      err.println(failure.paragraph());
      return failure.exitCode();
    }
  }

  /**
   * Runs {@code job} on a session that its caller opened and will stop, as a notebook does. The
   * output folder is kept as by {@link #run}, but this process keeps its own logging, and what the
   * recipe says of the session ({@code run.master}, {@code run.spark}) has no effect.
   *
   * @throws BatchwrightException for what the user can act on; another failure is thrown as it is
   */
  public static <C extends Record & JobConfig> void runOn(
      SparkSession spark, Job<C> job, Recipe recipe, List<Setting> settings) {
    SparkVersion.require();
    Resolved<C> resolved = RecipeReader.read(job.configType(), recipe, settings);
    Configuration hadoop = spark.sessionState().newHadoopConf();
    requireInputs(job.inputs(resolved.config()), hadoop);
    Console silent = new Console(new PrintStream(OutputStream.nullOutputStream()), false);
    try {
      new OneRun<>(job, resolved, hadoop, silent, Clock.systemUTC()).run(Optional.of(spark));
    } catch (FailedRun e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.failure().paragraph(), e.getCause());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The recipe of {@code job} as {@code invocation} asks for it. */
  public static <C extends Record & JobConfig> Resolved<C> resolve(
      Job<C> job, Invocation invocation, Configuration hadoop) {
    String file = invocation.recipe().isEmpty() ? job.recipe() : invocation.recipe();
    Recipe recipe = file.isEmpty() ? Recipe.EMPTY : Recipe.load(file, hadoop);
    List<Setting> settings = new ArrayList<>(invocation.settings());
    Resolved<C> resolved = RecipeReader.read(job.configType(), recipe, settings);
    if (job.keepsRun() && resolved.config().run().out().isEmpty()) {
      if (job.defaultOut().isEmpty()) {
        throw BatchwrightException.usage(
            "batchwright " + job.name() + " needs an output folder: give --out DIR.");
      }
      settings.add(0, new Setting("run.out", job.defaultOut(), "default of " + job.name()));
      return RecipeReader.read(job.configType(), recipe, settings);
    }
    return resolved;
  }

  private Console console(boolean quiet) {
    return out == System.out ? Console.standard(quiet) : new Console(out, false);
  }

  /** Requires each input, before anything starts. */
  static void requireInputs(List<String> inputs, Configuration hadoop) {
    List<String> missing = new ArrayList<>();
    for (String input : inputs) {
      Path path = new Path(input);
      try {
        FileStatus[] found = path.getFileSystem(hadoop).globStatus(path);
        if (found == null || found.length == 0) {
          missing.add(input);
        }
      } catch (IOException e) {
        missing.add(input + " (" + e.getMessage() + ")");
      }
    }
    if (!missing.isEmpty()) {
      throw BatchwrightException.usage(
          "There is no such input:\n  " + String.join("\n  ", missing));
    }
  }
}
