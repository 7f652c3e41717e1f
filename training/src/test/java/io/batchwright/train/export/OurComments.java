package io.batchwright.train.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Real texts that are always there: the comment lines of this project's own sources. */
final class OurComments {
  private OurComments() {}

  /**
   * Distinct comment lines with at least three words, in the order of their files; only ASCII, and
   * without a special token's name.
   */
  static List<String> lines(int count) throws IOException {
    Path root = Path.of(System.getProperty("batchwright.root", ".."));
    Set<String> lines = new LinkedHashSet<>();
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> sources =
          files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
      for (Path source : sources) {
        for (String line : Files.readAllLines(source)) {
          String text = line.strip();
          if (text.startsWith("*") || text.startsWith("//")) {
            text = text.replaceFirst("^[*/ ]+", "");
            if (text.split(" ").length >= 3
                && text.matches("[ -~]+")
                && !text.matches(".*\\[[A-Z]+].*")) {
              lines.add(text);
            }
          }
        }
      }
    }
    if (lines.size() < count) {
      throw new IllegalStateException("only " + lines.size() + " comment lines under " + root);
    }
    return new ArrayList<>(lines).subList(0, count);
  }
}
