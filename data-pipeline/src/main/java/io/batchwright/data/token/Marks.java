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
   * on both sides. A further piece begins with the last token of the one before, so that each token
   * of a document but its first follows one in exactly one piece.
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

  /** With how many tokens of the one before a further piece begins. */
  public int overlap() {
    return this == AROUND_DOCUMENTS ? 1 : 0;
  }

  /** The special tokens that a {@code tokenizer.json} has for these places. */
  public SpecialTokens of(String tokenizerJson) {
    if (this == NONE) {
      return SpecialTokens.NONE;
    }
    SpecialTokens own;
    try (Tokenizer tokenizer = Tokenizer.load(tokenizerJson)) {
      own = tokenizer.specialTokens();
    }
    if (this != AROUND_DOCUMENTS || own.count() > 0) {
      return own;
    }
    Integer end = TokenizerDescription.specialTokens(tokenizerJson).get(END_OF_TEXT);
    return end == null ? SpecialTokens.NONE : new SpecialTokens(List.of(end), List.of(end));
  }

  /** The fewest tokens that leave room for a text's own, or for one and the one that follows. */
  int least(SpecialTokens special) {
    return this == AROUND_DOCUMENTS ? 2 : special.count() + 1;
  }

  /** The tokens of a document in pieces of {@code most} at most, the special ones included. */
  List<int[]> pieces(int[] tokens, SpecialTokens special, int most) {
    if (most < least(special)) {
      throw new IllegalArgumentException(
          "pieces have %d tokens at least, not %d".formatted(least(special), most));
    }
    boolean each = this == AROUND_PIECES;
    int room = each ? most - special.count() : most;
    int[] whole =
        each || tokens.length == 0
            ? tokens
            : special.around(tokens, Math.addExact(tokens.length, special.count()));
    List<int[]> pieces = new ArrayList<>();
    if (whole.length == 0) {
      return pieces;
    }
    int from = 0;
    do {
      int[] piece = Arrays.copyOfRange(whole, from, Math.min(whole.length, from + room));
      pieces.add(each ? special.around(piece, most) : piece);
      from += room - overlap();
    } while (from + overlap() < whole.length);
    return pieces;
  }
}
