package io.batchwright.jobs.bench.dedup;

import io.batchwright.tensor.RandomStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes new documents of old ones: each word becomes another word of the corpus of its length, by a
 * permutation of the vocabulary that is one for all documents of a copy.
 *
 * <p>Lengths, repetitions and duplicates inside a copy stay as they are, so a corpus of several
 * copies has the duplicate rate of one; but two copies share next to no shingle.
 */
final class PermutedVocabulary implements Serializable {
  private final long seed;
  private final Map<String, Integer> places = new HashMap<>();
  private final String[] words;
  private final int[] from; // of the words of its length: where they start in `words`
  private final int[] count; // and how many they are

  /**
   * @param vocabulary lower-case words of ASCII letters, each once
   */
  PermutedVocabulary(List<String> vocabulary, long seed) {
    this.seed = seed;
    TreeMap<Integer, List<String>> byLength = new TreeMap<>();
    for (String word : vocabulary) {
      byLength.computeIfAbsent(word.length(), any -> new ArrayList<>()).add(word);
    }
    words = new String[vocabulary.size()];
    from = new int[vocabulary.size()];
    count = new int[vocabulary.size()];
    int next = 0;
    for (List<String> equalLength : byLength.values()) {
      equalLength.sort(null);
      int start = next;
      for (String word : equalLength) {
        words[next] = word;
        from[next] = start;
        count[next] = equalLength.size();
        places.put(word, next);
        next++;
      }
    }
  }

  /** The words of one copy: word {@code i} becomes word {@code copy[i]}. */
  int[] copy(int copy) {
    RandomStream stream = RandomStream.of(seed, "permuted vocabulary", 0, copy);
    int[] image = new int[words.length];
    for (int i = 0; i < image.length; i++) {
      image[i] = from[i] + (int) stream.permutedIndex(i - from[i], count[i]);
    }
    return image;
  }

  /** {@code text} in the words of {@code image}; capitals stay where they were. */
  String translate(String text, int[] image) {
    StringBuilder out = new StringBuilder(text.length());
    StringBuilder word = new StringBuilder();
    int length = text.length();
    for (int i = 0; i < length; ) {
      int start = i;
      word.setLength(0);
      while (i < length && isLetter(text.charAt(i))) {
        word.append((char) (text.charAt(i) | 0x20));
        i++;
      }
      if (i == start) {
        out.append(text.charAt(i));
        i++;
        continue;
      }
      Integer place = places.get(word.toString());
      if (place == null) {
        out.append(text, start, i);
        continue;
      }
      String other = words[image[place]];
      for (int k = 0; k < other.length(); k++) {
        boolean capital = (text.charAt(start + k) & 0x20) == 0;
        out.append(capital ? (char) (other.charAt(k) & ~0x20) : other.charAt(k));
      }
    }
    return out.toString();
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
