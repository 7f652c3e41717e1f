package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Passages of real texts, no two of which have more than a twentieth of their shingles shared. */
final class UnrelatedTexts implements Iterator<String> {
  private static final double ALIKE = 0.05;
  private static final int MINIMUM_WORDS = 150;
  private static final int MAXIMUM_WORDS = 450;

  private final Iterator<String> passages;

  private UnrelatedTexts(List<String> passages) {
    this.passages = passages.iterator();
  }

  /**
   * {@code count} passages of 150 to 450 words, one a text, past its beginning.
   *
   * @throws BatchwrightException if there are not so many
   */
  static UnrelatedTexts of(List<String> texts, int count, long seed) {
    List<String> passages = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String passage = passage(texts.get(i), RandomStream.of(seed, "passage", 0, i));
      if (passage != null) {
        passages.add(passage);
      }
    }
    boolean[] related = new boolean[passages.size()];
    for (ExactTruth.Pair pair : ExactTruth.pairs(passages, ALIKE)) {
      if (!related[pair.a()]) {
        related[pair.b()] = true;
      }
    }
    List<String> unrelated = new ArrayList<>();
    for (int i = 0; i < related.length && unrelated.size() < count; i++) {
      if (!related[i]) {
        unrelated.add(passages.get(i));
      }
    }
    if (unrelated.size() < count) {
      throw BatchwrightException.data(
          ("The planted set needs %d texts of 300 words that are unlike each other, but of %d"
                  + " texts only %d are; take a smaller --scale or more jars.")
              .formatted(count, texts.size(), unrelated.size()));
    }
    return new UnrelatedTexts(unrelated);
  }

  /** A passage past the licence header of a source file, or of another text's first words. */
  private static String passage(String text, RandomStream stream) {
    int[] spans = PlainShingles.spans(text);
    int words = spans.length / 2;
    int from = 0;
    int body = Math.max(0, text.indexOf("\npackage "));
    while (from < words && spans[2 * from] < body) {
      from++;
    }
    int room = words - from - MINIMUM_WORDS;
    if (room < MINIMUM_WORDS) {
      return null;
    }
    int length = (int) (MINIMUM_WORDS + stream.belowAt(0, MAXIMUM_WORDS - MINIMUM_WORDS));
    from += (int) stream.belowAt(1, room);
    return PlantedEdits.window(text, spans, from, Math.min(words, from + length));
  }

  @Override
  public boolean hasNext() {
    return passages.hasNext();
  }

  @Override
  public String next() {
    return passages.next();
  }
}
