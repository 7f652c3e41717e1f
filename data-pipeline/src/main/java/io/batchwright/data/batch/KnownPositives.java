package io.batchwright.data.batch;

import java.util.Arrays;
import java.util.List;

/**
 * All texts that are known to answer the query of each sample, beyond the sample's own positive: in
 * a batch they are no negatives of it, whichever pair brings them.
 *
 * <p>A query with one positive has none here, since the sample shows it.
 *
 * @param offsets where the texts of each sample start, and the end of the last: {@code offsets[i]
 *     .. offsets[i + 1]} are those of sample i, [B + 1]; [0] where the shards hold none
 * @param textIds the texts, ascending within a sample
 */
public record KnownPositives(int[] offsets, long[] textIds) {
  /** Of shards without them: no query of the run has several positives. */
  public static final KnownPositives ABSENT = new KnownPositives(new int[0], new long[0]);

  /** Those of samples one after the other, each ascending. */
  static KnownPositives of(List<long[]> samples) {
    int[] offsets = new int[samples.size() + 1];
    for (int i = 0; i < samples.size(); i++) {
      offsets[i + 1] = offsets[i] + samples.get(i).length;
    }
    return new KnownPositives(offsets, samples.stream().flatMapToLong(Arrays::stream).toArray());
  }

  /** Lays those of several batches end to end; present in all or in none. */
  static KnownPositives concatenate(List<KnownPositives> parts) {
    if (!parts.get(0).present()) {
      return ABSENT;
    }
    int samples = parts.stream().mapToInt(part -> part.offsets.length - 1).sum();
    int[] offsets = new int[samples + 1];
    int at = 0;
    for (KnownPositives part : parts) {
      int base = offsets[at];
      for (int i = 1; i < part.offsets.length; i++) {
        offsets[++at] = base + part.offsets[i];
      }
    }
    return new KnownPositives(
        offsets, parts.stream().flatMapToLong(part -> Arrays.stream(part.textIds)).toArray());
  }

  /** Whether the shards hold them; then every batch has them, also one without samples. */
  public boolean present() {
    return offsets.length > 0;
  }

  /** How many each sample has, [B]. */
  public long[] counts() {
    long[] counts = new long[Math.max(0, offsets.length - 1)];
    Arrays.setAll(counts, i -> offsets[i + 1] - offsets[i]);
    return counts;
  }
}
