package io.batchwright.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.jobs.cli.BatchwrightCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What one call of the command line did.
 *
 * @param exitCode its exit code
 * @param out what it printed
 * @param err its warnings and failures
 */
public record CommandRun(int exitCode, String out, String err) {
  /** Runs {@code arguments} in this process, with every job that the program has. */
  public static CommandRun of(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        new BatchwrightCommand(
                Batchwright.JOBS,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8))
            .run(arguments);
    return new CommandRun(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** {@code run.json} of the run in {@code dir}. */
  public static JsonNode record(Path dir) throws IOException {
    return new ObjectMapper().readTree(dir.resolve("run.json").toFile());
  }
}
