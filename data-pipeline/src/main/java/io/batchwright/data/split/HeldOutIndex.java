package io.batchwright.data.split;

import io.batchwright.data.dedup.Shingles;
import io.batchwright.technique.Paper;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * An inverted index of shingle sets that answers exactly which of them have a Jaccard similarity of
 * at least {@code t} to a given set.
 *
 * <p>If {@code J(x, y) >= t}, x and y share at least {@code ceil(t |x|)} shingles, so any {@code
 * |x| - ceil(t |x|) + 1} shingles of x contain one of y. The probe takes the rarest ones, of which
 * most stand in no held-out document at all, and compares x only with the sets listed under the
 * others.
 *
 * <p><b>Deviations from the paper.</b> The index holds whole sets, so only the probing side is cut
 * to its prefix and each side may have its own order.
 */
@Paper(
    title = "Scaling Up All Pairs Similarity Search (Bayardo, Ma, Srikant; WWW 2007)",
    where = "section 3")
final class HeldOutIndex implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String[] ids;
  private final long[][] sets;
  private final long[] slots; // open addressing: the shingle, where counts > 0
  private final int[] counts; // sets that hold the slot's shingle
  private final int[] starts; // where its list begins
  private final int[] postings;

  private HeldOutIndex(String[] ids, long[][] sets) {
    this.ids = ids;
    this.sets = sets;
    int shingles = Arrays.stream(sets).mapToInt(set -> set.length).sum();
    int capacity = Math.max(2, Integer.highestOneBit(Math.max(1, shingles)) * 4);
    slots = new long[capacity];
    counts = new int[capacity];
    starts = new int[capacity];
    postings = new int[shingles];
    for (long[] set : sets) {
      for (long shingle : set) {
        int slot = slot(shingle);
        slots[slot] = shingle;
        counts[slot]++;
      }
    }
    int next = 0;
    for (int slot = 0; slot < capacity; slot++) {
      starts[slot] = next;
      next += counts[slot];
    }
    int[] filled = new int[capacity];
    for (int set = 0; set < sets.length; set++) {
      for (long shingle : sets[set]) {
        int slot = slot(shingle);
        postings[starts[slot] + filled[slot]] = set;
        filled[slot]++;
      }
    }
  }

  /** Indexes documents (doc_id, text) until they end or {@code maxShingles} are held. */
  static HeldOutIndex of(Iterator<Row> documents, Shingles shingles, int maxShingles) {
    List<String> ids = new ArrayList<>();
    List<long[]> sets = new ArrayList<>();
    long held = 0;
    while (documents.hasNext() && held < maxShingles) {
      Row row = documents.next();
      long[] set = shingles.of(row.getString(1));
      ids.add(row.getString(0));
      sets.add(set);
      held += set.length;
    }
    return new HeldOutIndex(ids.toArray(new String[0]), sets.toArray(new long[0][]));
  }

  int size() {
    return ids.length;
  }

  /** A probe with its own scratch space; not thread-safe. */
  Probe probe(double threshold) {
    return new Probe(threshold);
  }

  private int slot(long shingle) {
    int mask = slots.length - 1;
    int slot = (int) (shingle * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (counts[slot] > 0 && slots[slot] != shingle) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /** Receives a near-duplicate. */
  interface Sink {
    void found(String id, double similarity);
  }

  /** Looks for the sets near to one set after another. */
  final class Probe {
    private final double threshold;
    private final int[] seen = new int[sets.length];
    private int probes;
    private long compared;

    private Probe(double threshold) {
      this.threshold = threshold;
    }

    long compared() {
      return compared;
    }

    /** Gives {@code sink} every held-out document near to {@code set}. */
    void find(long[] set, Sink sink) {
      int needed = Math.max(1, (int) Math.ceil(threshold * set.length - 1e-9));
      long[] known = new long[set.length]; // (count, slot), rarest first
      int size = 0;
      for (long shingle : set) {
        int slot = slot(shingle);
        if (counts[slot] > 0) {
          known[size] = (long) counts[slot] << 32 | slot;
          size++;
        }
      }
      if (size < needed) {
        return;
      }
      Arrays.sort(known, 0, size);
      probes++;
      for (int i = 0; i <= size - needed; i++) {
        int slot = (int) known[i];
        for (int at = starts[slot]; at < starts[slot] + counts[slot]; at++) {
          compare(set, postings[at], sink);
        }
      }
    }

    private void compare(long[] set, int other, Sink sink) {
      if (seen[other] == probes) {
        return;
      }
      seen[other] = probes;
      int least = Math.min(set.length, sets[other].length);
      if (least < threshold * Math.max(set.length, sets[other].length) - 1e-9) {
        return;
      }
      compared++;
      double similarity = Shingles.jaccard(set, sets[other]);
      if (similarity >= threshold) {
        sink.found(ids[other], similarity);
      }
    }
  }
}
