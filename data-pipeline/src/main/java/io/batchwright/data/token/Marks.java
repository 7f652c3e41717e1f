package io.batchwright.data.token;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where a tokenizer's special tokens go. */
public enum Marks {
  /** Nowhere; a text is one, cut off where it is too long. */
  NONE(false),
  /** Around every text, also where it was cut off. */
  AROUND_TEXTS(false),
  /**
   * Around every piece of a document: for models that see both sides, which always read {@code
   * [CLS] ... [SEP]}.
   */
  AROUND_PIECES(true),
  /**
   * Around a document, before it is cut into pieces: for models that write on, which learn from
   * them where documents begin and end. A tokenizer whose only mark is {@value #END_OF_TEXT} has it
   * on both sides.
   */
  AROUND_DOCUMENTS(true);

  /** What GPT-2 calls the end of a document. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private final boolean cuts;

  Marks(boolean cuts) {
    this.cuts = cuts;
  }

  /** Whether a text becomes pieces instead of losing its end. */
  boolean cuts() {
    return cuts;
  }

  SpecialTokens of(Tokenizer tokenizer) {
    if (this == NONE) {
      return SpecialTokens.NONE;
    }
    SpecialTokens own = tokenizer.specialTokens();
    if (this == AROUND_DOCUMENTS && own.count() == 0) {
      int[] end = tokenizer.encode(END_OF_TEXT);
      // Where the tokenizer does not know it, it is several tokens.
      return end.length == 1
          ? new SpecialTokens(List.of(end[0]), List.of(end[0]))
          : SpecialTokens.NONE;
    }
    return own;
  }

  /** The tokens of a document in pieces of {@code most} at most, the special ones included. */
  List<int[]> pieces(int[] tokens, SpecialTokens special, int most) {
    boolean each = this == AROUND_PIECES;
    int room = each ? most - special.count() : most;
    if (room < 1) {
      throw new IllegalArgumentException(
          "%d tokens have no room beside the %d special ones".formatted(most, special.count()));
    }
    int[] whole =
        each || tokens.length == 0
            ? tokens
            : special.around(tokens, Math.addExact(tokens.length, special.count()));
    List<int[]> pieces = new ArrayList<>();
    for (int from = 0; from < whole.length; from += room) {
      int[] piece = Arrays.copyOfRange(whole, from, Math.min(whole.length, from + room));
      pieces.add(each ? special.around(piece, most) : piece);
    }
    return pieces;
  }
}
