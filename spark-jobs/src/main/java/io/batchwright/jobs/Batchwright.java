package io.batchwright.jobs;

import io.batchwright.jobs.cli.BatchwrightCommand;
import io.batchwright.jobs.run.Job;
import java.util.List;

/** The program. */
public final class Batchwright {
  /** Every job, in the order of {@code --help}. */
  static final List<Job<?>> JOBS = List.of();

  private Batchwright() {}

  /** Runs one subcommand and exits with its code. */
  public static void main(String[] arguments) {
    int exitCode = new BatchwrightCommand(JOBS, System.out, System.err).run(arguments);
    System.out.flush();
    System.exit(exitCode);
  }
}
