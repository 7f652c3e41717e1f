package io.batchwright.train.step;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.tensor.Arena;
import io.batchwright.train.model.TextBatch;
import java.util.Arrays;

/**
 * Tokenized texts on the host, packed one behind the other, and how they are filled up so that
 * their shape comes again where lengths differ from step to step.
 *
 * @param tokens of all texts, [T]
 * @param offsets where each text starts, from 0, and the end of the last, [B + 1]
 */
record Texts(int[] tokens, int[] offsets) {
  private static final int TOKEN_SHARE = 32; // that a capacity lies above, at most
  private static final int TEXT_SHARE = 8;
  private static final int FEWEST = 6; // which have room for a tile where texts are of 12 tokens

  // Matrix products work in tiles of at least as many rows: fewer tokens would save no work.
  private static final int TILE = 64;

  /** The texts {@code first} to before {@code end} of a role. */
  static Texts of(RoleBatch role, int first, int end) {
    int[] offsets = Arrays.copyOfRange(role.cuSeqlens(), first, end + 1);
    int from = offsets[0];
    int[] tokens = Arrays.copyOfRange(role.tokens(), from, offsets[offsets.length - 1]);
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] -= from;
    }
    return new Texts(tokens, offsets);
  }

  /** The texts of a batch. */
  static Texts of(TextBatch batch) {
    return new Texts(batch.tokens().toInts(), batch.cuSeqlens().toInts());
  }

  /** The number of texts, B. */
  int size() {
    return offsets.length - 1;
  }

  /** For a model. */
  TextBatch on(Arena arena) {
    return new TextBatch(arena.ints("tokens", tokens), arena.ints("cu_seqlens", offsets));
  }

  /**
   * These texts and behind them others, up to a capacity of texts and of tokens. Whoever leaves the
   * results of the others out finds the same loss and, since nothing flows back to them, gradients
   * to which exactly zero is added.
   *
   * <p>Tokens come to the next multiple of the greatest power of two that is at most a 32nd of
   * them, and at least of {@value #TILE}; texts to {@code B + B / 16 + 6} and then to such a
   * multiple of at most an eighth, since it is tokens that cost. The others are of about equal
   * lengths and at least one token, shorter than the mean of many texts, and never longer than the
   * longest: what depends on that stays as it is. They repeat the batch's first tokens, so they
   * touch no row of a table that it does not touch.
   *
   * @return these texts themselves where there is no token
   */
  Texts filled() {
    int count = tokens.length;
    if (count == 0) {
      return this;
    }
    int fewest = size() + size() / 16 + FEWEST;
    int more = capacity(fewest, TEXT_SHARE, 1) - size();
    int missing = capacity(count + more, TOKEN_SHARE, TILE) - count;
    int[] ends = Arrays.copyOf(offsets, size() + more + 1);
    int longest = longest();
    for (int i = 0; i < more; i++) {
      int length = Math.min(longest, missing / more + (i < missing % more ? 1 : 0));
      ends[size() + i + 1] = ends[size() + i] + length;
    }
    int[] all = Arrays.copyOf(tokens, ends[ends.length - 1]);
    for (int t = count; t < all.length; t++) {
      all[t] = tokens[(t - count) % count];
    }
    return new Texts(all, ends);
  }

  private static int capacity(int least, int share, int smallest) {
    int quantum = Math.max(smallest, Integer.highestOneBit(least / share));
    return (least + quantum - 1) / quantum * quantum;
  }

  private int longest() {
    int longest = 0;
    for (int b = 0; b < size(); b++) {
      longest = Math.max(longest, offsets[b + 1] - offsets[b]);
    }
    return longest;
  }
}
