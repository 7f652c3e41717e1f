package io.batchwright.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.RunComparison;
import io.batchwright.jobs.run.RunRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints how two runs differ. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "how two runs differ: configuration, ledger, metrics")
final class CompareCommand implements Callable<Integer> {
  private final PrintStream out;

  @Parameters(index = "0", paramLabel = "RUN_A", description = "an output folder")
  private String first;

  @Parameters(index = "1", paramLabel = "RUN_B", description = "another output folder")
  private String second;

  CompareCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = new Configuration();
    RunComparison comparison =
        new RunComparison(
            read(first, hadoop), read(second, hadoop), new Path(first), new Path(second), hadoop);
    comparison.lines().forEach(out::println);
    return 0;
  }

  private static ObjectNode read(String folder, Configuration hadoop) throws IOException {
    return RunRecord.read(new Path(folder), hadoop)
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    "There is no %s in %s.".formatted(RunRecord.FILE, folder)));
  }
}
