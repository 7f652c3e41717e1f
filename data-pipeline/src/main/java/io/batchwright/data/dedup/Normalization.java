package io.batchwright.data.dedup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UCharacterCategory;
import com.ibm.icu.text.CaseMap;
import com.ibm.icu.text.Normalizer2;
import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * What is done to a text before it is compared: the contract that signatures, shingle sets and
 * indexes are stored with. Two texts with the same normal form are the same text.
 *
 * <p>In this order: the Unicode form, case, digits, punctuation, white space, repeated until
 * nothing changes, so that normalising twice is normalising once. White space always becomes one
 * space a run, none at the ends. Lone surrogates and NUL are characters like others (NUL is white
 * space).
 *
 * <p>Done by ICU, so that it does not depend on the version of Java but on that of Unicode, which
 * stands in the stored form as {@code unicode}. ICU comes with Spark.
 *
 * @param version the version of this algorithm, {@link #VERSION}
 * @param form the Unicode normal form
 * @param foldCase full case folding of Unicode: "Stra&szlig;e" and "STRASSE" become "strasse".
 *     Every {@link ShingleUnit} lower-cases by itself; this goes further, and for whole texts
 * @param ignorePunctuation deletes Unicode's punctuation (categories P) and {@code $+<=>^`|~}; it
 *     joins what it stood between, "e-mail" and "email"
 * @param foldDigits decimal digits of every script become ASCII digits of the same value
 */
@JsonIgnoreProperties(value = "unicode", allowGetters = true)
public record Normalization(
    int version, Form form, boolean foldCase, boolean ignorePunctuation, boolean foldDigits)
    implements Serializable {
  /** The version that this code computes. */
  public static final int VERSION = 1;

  /** Nothing but white space. */
  public static final Normalization NONE =
      new Normalization(VERSION, Form.NONE, false, false, false);

  /** Canonical composition: the default, as SlimPajama's first step. */
  public static final Normalization NFC = new Normalization(VERSION, Form.NFC, false, false, false);

  /** All of it: what is left are letters, marks, ASCII digits, symbols and single spaces. */
  public static final Normalization STRICT =
      new Normalization(VERSION, Form.NFKC, true, true, true);

  private static final int MOST_ROUNDS = 8;
  private static final CaseMap.Fold FOLD = CaseMap.fold();

  /** A Unicode normal form. */
  public enum Form {
    /** As it comes. */
    NONE,
    /** Canonical composition: one way to write each character with its marks. */
    NFC,
    /** Compatibility composition: ligatures, widths and styles go, too. */
    NFKC
  }

  public Normalization {
    Check.that(
        version == VERSION,
        "Normalization.version",
        "must be %d, the one that this release computes, got %d".formatted(VERSION, version));
    Check.that(form != null, "Normalization.form", "must be one of NONE, NFC, NFKC");
  }

  /** The version of Unicode that decides what a letter, a case, a mark is, such as "16.0". */
  @JsonProperty("unicode")
  public String unicode() {
    var unicode = UCharacter.getUnicodeVersion();
    return unicode.getMajor() + "." + unicode.getMinor();
  }

  /** The normal form of {@code text}; {@code text} itself where it is its own. */
  public String apply(String text) {
    String before = text;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      String after = once(before);
      if (after.equals(before)) {
        return before;
      }
      before = after;
    }
    return before;
  }

  /**
   * What {@link ShingleHasher} has to do before it cuts: all of {@link #apply} but white space,
   * which every unit ignores.
   */
  String beforeShingling(String text) {
    if (ignorePunctuation || foldDigits || foldCase) {
      return apply(text);
    }
    return form == Form.NONE ? text : formed(text);
  }

  /** Texts of characters below this need no {@link #beforeShingling}. */
  int inertBelow() {
    if (ignorePunctuation) {
      return 0;
    }
    if (foldCase || foldDigits) {
      return 0x80; // units lower-case ASCII themselves
    }
    return switch (form) {
      case NONE -> Character.MAX_VALUE + 1;
      case NFC -> 0x300;
      case NFKC -> 0xA0;
    };
  }

  private String once(String text) {
    String result = formed(text);
    if (foldCase) {
      result = FOLD.apply(result);
    }
    return characters(result);
  }

  private String formed(String text) {
    Normalizer2 normalizer =
        switch (form) {
          case NONE -> null;
          case NFC -> Normalizer2.getNFCInstance();
          case NFKC -> Normalizer2.getNFKCInstance();
        };
    return normalizer == null || normalizer.isNormalized(text) ? text : normalizer.normalize(text);
  }

  /** Digits, punctuation and white space, code point by code point. */
  private String characters(String text) {
    StringBuilder out = new StringBuilder(text.length());
    byte[] kinds = Characters.kinds();
    boolean space = false;
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (point <= Character.MAX_VALUE && (kinds[point] & Characters.SPACE) != 0) {
        space = out.length() > 0;
        continue;
      }
      if (ignorePunctuation && isPunctuation(point)) {
        continue;
      }
      if (space) {
        out.append(' ');
        space = false;
      }
      if (foldDigits && point >= 0x80 && UCharacter.isDigit(point)) {
        out.append((char) ('0' + UCharacter.digit(point)));
      } else {
        out.appendCodePoint(point);
      }
    }
    return out.toString();
  }

  private static boolean isPunctuation(int point) {
    if (point < 128) {
      return (Characters.kinds()[point] & Characters.ASCII_PUNCTUATION) != 0;
    }
    return switch (UCharacter.getType(point)) {
      case UCharacterCategory.CONNECTOR_PUNCTUATION,
          UCharacterCategory.DASH_PUNCTUATION,
          UCharacterCategory.START_PUNCTUATION,
          UCharacterCategory.END_PUNCTUATION,
          UCharacterCategory.INITIAL_PUNCTUATION,
          UCharacterCategory.FINAL_PUNCTUATION,
          UCharacterCategory.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }
}
