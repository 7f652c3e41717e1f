package io.batchwright.jobs.cli;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the technique table. */
@Command(
    name = "techniques",
    mixinStandardHelpOptions = true,
    description = "every technique a recipe can name, with its defaults and publication")
final class TechniquesCommand implements Callable<Integer> {
  private final PrintStream out;

  @Option(names = "--markdown", description = "print the page docs/techniques.md")
  private boolean markdown;

  TechniquesCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() {
    if (markdown) {
      out.print(TechniqueTable.markdown());
    } else {
      TechniqueTable.lines().forEach(out::println);
    }
    return 0;
  }
}
