package io.batchwright.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Pairs a small encoder can learn: a query names two words that its document has. */
public final class WordPairs {
  /** The vocabulary of all texts. */
  public static final List<String> WORDS =
      IntStream.range(0, 60).mapToObj(i -> "word" + i).toList();

  private WordPairs() {}

  /** Writes 180 lines of {@code {"query": ..., "pos": [...]}}. */
  public static Path write(Path file) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 180; i++) {
      String asked = WORDS.get(i % 60);
      String other = WORDS.get((i * 7 + i / 60) % 60);
      lines.append(
          "{\"query\": \"%s %s\", \"pos\": [\"%s of %s and %s\"]}\n"
              .formatted(asked, other, other, asked, WORDS.get(i % 59)));
    }
    return Files.writeString(file, lines);
  }
}
