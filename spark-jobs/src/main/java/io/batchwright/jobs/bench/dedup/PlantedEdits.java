package io.batchwright.jobs.bench.dedup;

import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Edits of a text whose effect on its word 5-grams is computed, not guessed.
 *
 * <p>A replaced word far from the others takes five shingles away and brings five; a word added at
 * the end brings one. Replacements bring the similarity near the target, added words bring it down
 * to the last value at or above it.
 */
final class PlantedEdits {
  private final List<String> pool;

  /**
   * @param pool words to put in, from real texts
   */
  PlantedEdits(List<String> pool) {
    this.pool = List.copyOf(pool);
  }

  /** {@code text} in capitals with other white space: the same shingles, another text. */
  static String sameShingles(String text) {
    return text.toUpperCase(Locale.ROOT).replaceAll("\\s+", "  ");
  }

  /**
   * A text whose similarity to {@code text} is the least that these edits reach at or above {@code
   * target}: less than one shingle's worth above it.
   *
   * @param text of at least 60 words
   * @param target in (0, 1)
   */
  String near(String text, double target, RandomStream stream) {
    int[] spans = PlainShingles.spans(text);
    List<String> words = PlainShingles.words(text);
    Set<String> shingles = PlainShingles.of(words);
    int[] slots = slots(words.size(), stream);
    int draws = slots.length;
    int guess = (int) (shingles.size() * (1 - target) / (5 * (1 + target)));
    int edits = Math.max(0, Math.min(guess, slots.length) - 2);
    List<String> edited = new ArrayList<>(words);
    for (int i = 0; i < edits; i++) {
      edited.set(slots[i], word(stream, draws++));
    }
    while (edits < slots.length) {
      String old = edited.set(slots[edits], word(stream, draws++));
      if (PlainShingles.jaccard(shingles, PlainShingles.of(edited)) < target) {
        edited.set(slots[edits], old);
        break;
      }
      edits++;
    }
    StringBuilder out = new StringBuilder(withWords(text, spans, words, edited));
    while (true) {
      String next = word(stream, draws++);
      edited.add(next);
      if (PlainShingles.jaccard(shingles, PlainShingles.of(edited)) < target) {
        return out.toString();
      }
      out.append(' ').append(next);
    }
  }

  /** Words for slots 3 + 5i, in an order drawn from {@code stream}. */
  private static int[] slots(int words, RandomStream stream) {
    int count = Math.max(0, (words - 3) / 5);
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[(int) stream.permutedIndex(i, count)] = 3 + 5 * i;
    }
    return slots;
  }

  private String word(RandomStream stream, long draw) {
    return pool.get((int) stream.belowAt(draw, pool.size()));
  }

  /** {@code text} with the words that changed put in place of the old ones. */
  private static String withWords(
      String text, int[] spans, List<String> words, List<String> edited) {
    StringBuilder out = new StringBuilder(text.length() + 64);
    int from = 0;
    for (int i = 0; i < words.size(); i++) {
      if (!words.get(i).equals(edited.get(i))) {
        out.append(text, from, spans[2 * i]).append(edited.get(i));
        from = spans[2 * i + 1];
      }
    }
    return out.append(text, from, text.length()).toString();
  }

  /** The part of {@code text} between two of its words, with what stands between them. */
  static String window(String text, int[] spans, int fromWord, int toWord) {
    return text.substring(spans[2 * fromWord], spans[2 * Math.min(toWord, spans.length / 2) - 1]);
  }

  /** The words of {@code texts} of 4 to 12 letters, each once, in order. */
  static List<String> vocabulary(List<String> texts) {
    return texts.stream()
        .flatMap(text -> PlainShingles.words(text).stream())
        .filter(word -> word.length() >= 4 && word.length() <= 12)
        .distinct()
        .sorted()
        .toList();
  }

  /** {@code words} words of the pool, of {@code perLine} a line. */
  String sentence(RandomStream stream, int words) {
    String[] drawn = new String[words];
    Arrays.setAll(drawn, i -> word(stream, i));
    return String.join(" ", drawn);
  }
}
