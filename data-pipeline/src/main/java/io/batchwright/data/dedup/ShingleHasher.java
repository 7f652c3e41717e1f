package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.Mix.mix;

import net.openhft.hashing.LongHashFunction;

/**
 * Hashes the shingles of one text after another, without an object per shingle or, once its buffers
 * have grown, per text; not thread-safe.
 *
 * <p>A token's hash is a polynomial of its folded characters, mixed; a shingle's is the rolling
 * polynomial of its tokens' hashes, mixed. A text with fewer tokens than a shingle holds is one
 * shingle, a text of symbols alone is one shingle of its normal form, and a blank text has none.
 *
 * <p>The two steps are two loops over one array ({@link Tokens}, {@link #roll}), each short enough
 * for the compiler to keep in registers.
 */
public final class ShingleHasher {
  private static final long BASE = 0x9E3779B97F4A7C15L;
  private static final LongHashFunction WHOLE_TEXT = LongHashFunction.xx3(7);

  private final Shingles shingles;
  private final Tokens tokens;
  private final UniformSort sort = new UniformSort();
  private final long leaving; // BASE^size: what the token that leaves has been multiplied by
  private long[] hashes;
  private int count;

  ShingleHasher(Shingles shingles) {
    this.shingles = shingles;
    tokens = new Tokens(shingles.unit(), shingles.normalization());
    long power = 1;
    for (int i = 0; i < shingles.size(); i++) {
      power *= BASE;
    }
    leaving = power;
  }

  /**
   * Hashes {@code text}'s shingles into {@link #hashes()}, in no order that matters, repeats
   * included.
   *
   * @return their number
   */
  public int hash(String text) {
    int found = tokens.cut(text);
    hashes = tokens.hashes();
    if (found >= shingles.size()) {
      count = roll(hashes, found);
    } else if (found > 0) {
      hashes[0] = mix(polynomial(hashes, found) + found);
      count = 1;
    } else {
      String visible = shingles.normalization().apply(text);
      count = visible.isEmpty() ? 0 : 1;
      hashes[0] = count == 0 ? 0 : WHOLE_TEXT.hashChars(visible);
    }
    return count;
  }

  /** The hashes of the last text, until the next; only the first {@link #hash} are its own. */
  public long[] hashes() {
    return hashes;
  }

  /**
   * Sorts the last text's hashes and drops repeats, in place.
   *
   * @return the number of distinct shingles, which are now the first of {@link #hashes()}
   */
  public int distinct() {
    sort.sort(hashes, count);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || hashes[i] != hashes[i - 1]) {
        hashes[kept] = hashes[i];
        kept++;
      }
    }
    count = kept;
    return kept;
  }

  /**
   * Puts the shingles' hashes in the place of the tokens': that of the shingle after token i where
   * the token that left it was, and the first one's last.
   */
  private int roll(long[] values, int found) {
    int size = shingles.size();
    long rolling = polynomial(values, size);
    long first = mix(rolling);
    int last = found - size;
    for (int i = 0; i < last; i++) {
      rolling = rolling * BASE + (values[i + size] - values[i] * leaving);
      values[i] = mix(rolling);
    }
    values[last] = first;
    return last + 1;
  }

  private static long polynomial(long[] tokens, int found) {
    long rolling = 0;
    for (int i = 0; i < found; i++) {
      rolling = rolling * BASE + tokens[i];
    }
    return rolling;
  }
}
