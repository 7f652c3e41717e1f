package io.batchwright.train.evaluation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of queries or documents, each with a dense ordinal in the order given. */
public final class Ids {
  private final List<String> names;
  private final Map<String, Integer> ordinals;

  private Ids(List<String> names, Map<String, Integer> ordinals) {
    this.names = names;
    this.ordinals = ordinals;
  }

  /**
   * Numbers {@code names} from zero.
   *
   * @throws IllegalArgumentException if a name stands twice
   */
  public static Ids of(List<String> names) {
    List<String> copy = List.copyOf(names);
    Map<String, Integer> ordinals = new HashMap<>(copy.size() * 2);
    for (int i = 0; i < copy.size(); i++) {
      Integer earlier = ordinals.put(copy.get(i), i);
      if (earlier != null) {
        throw new IllegalArgumentException(
            "id %s stands twice, at %d and %d".formatted(copy.get(i), earlier, i));
      }
    }
    return new Ids(copy, ordinals);
  }

  public int size() {
    return names.size();
  }

  public String name(int ordinal) {
    return names.get(ordinal);
  }

  /** The ordinal of {@code name}, or -1. */
  public int ordinal(String name) {
    return ordinals.getOrDefault(name, -1);
  }

  public List<String> names() {
    return names;
  }

  /** For each ordinal here, the ordinal of the same name in {@code other}, or -1. */
  int[] translateTo(Ids other) {
    int[] translated = new int[size()];
    for (int i = 0; i < translated.length; i++) {
      translated[i] = other == this ? i : other.ordinal(names.get(i));
    }
    return translated;
  }
}
