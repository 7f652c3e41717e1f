package io.batchwright.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.jobs.cli.BatchwrightCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of the command line inside this JVM: its exit code and what it printed.
 *
 * @param code the exit code
 * @param out what went to standard output
 * @param err what went to standard error
 */
record CommandLineRun(int code, String out, String err) {

  /** Runs {@code arguments} on the session of {@link TestSession}. */
  static CommandLineRun of(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> words = new ArrayList<>();
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    int code =
        new BatchwrightCommand(Batchwright.JOBS, print(out), print(err))
            .run(words.toArray(String[]::new));
    return new CommandLineRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** {@code run.json} of {@code folder}. */
  static JsonNode record(Path folder) throws IOException {
    return new ObjectMapper().readTree(Files.readString(folder.resolve("run.json")));
  }

  /** Whether each stage of {@code run} accounts for every row. */
  static boolean balanced(JsonNode run) {
    for (JsonNode stage : run.path("ledger")) {
      long out = stage.path("out").asLong();
      for (String section : List.of("dropped", "quarantined")) {
        for (JsonNode count : stage.path(section)) {
          out += count.asLong();
        }
      }
      if (stage.path("in").asLong() + stage.path("expanded").asLong() != out) {
        return false;
      }
    }
    return !run.path("ledger").isEmpty();
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
