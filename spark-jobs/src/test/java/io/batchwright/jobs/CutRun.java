package io.batchwright.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A copy of a finished run as if it had died while it trained. */
final class CutRun {
  private CutRun() {}

  /** Copies {@code from} without what it did after {@code steps}. */
  static void of(Path from, Path to, long steps) throws IOException {
    of(from, to, steps, "stages/\\d+-train.json");
  }

  /**
   * The same.
   *
   * @param more names of files, as a regular expression, that it did not come to write either
   */
  static void of(Path from, Path to, long steps, String more) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path path : walk.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
    Files.deleteIfExists(to.resolve(".run.json.crc"));
    Path record = to.resolve("run.json");
    Files.writeString(
        record,
        Files.readString(record).replace("\"status\" : \"done\"", "\"status\" : \"failed\""));
    try (Stream<Path> walk = Files.walk(to)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        String name = to.relativize(path).toString();
        boolean later =
            name.matches("checkpoints/step-\\d+(/.*)?")
                && Long.parseLong(name.substring(17, 25)) > steps;
        if (later || name.matches("stages/\\d+-train.json") || name.matches(more)) {
          Files.delete(path);
        }
      }
    }
  }
}
