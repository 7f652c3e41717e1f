package io.batchwright.data.token;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.text.Normalizer;
import java.util.regex.Pattern;

/**
 * What a text becomes before it is cut into words: the {@code normalizer} of {@code
 * tokenizer.json}, and the same rules here for counting.
 *
 * <p>Texts become NFC first. Lower-casing is part of the normalizer, which runs before the text is
 * cut, so identifiers are split there too, by putting a space at their inner boundaries: {@code
 * readFully(HTTPServer)} and "read fully, HTTP server" give the same words.
 *
 * @param lowercase whether letters become lower case
 * @param splitIdentifiers whether ASCII identifiers are split at camelCase and digit boundaries
 * @param keepPunctuation whether anything but letters, digits and marks is kept
 */
public record WordRules(boolean lowercase, boolean splitIdentifiers, boolean keepPunctuation)
    implements Serializable {

  /** Lower case, nothing else: prose. */
  public static final WordRules DEFAULTS = new WordRules(true, false, true);

  /** For source code beside prose, where embeddings are means over tokens. */
  public static final WordRules CODE = new WordRules(true, true, false);

  /** Texts as they are. */
  public static final WordRules VERBATIM = new WordRules(false, false, true);

  /** aB, ABc (URLs stays whole), a1, 1a. */
  private static final String INNER_BOUNDARY =
      "(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})"
          + "|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])";

  private static final String NOT_A_WORD = "[^\\p{L}\\p{N}\\p{M}]+";

  private static final Pattern INNER_BOUNDARY_PATTERN = Pattern.compile(INNER_BOUNDARY);
  private static final Pattern NOT_A_WORD_PATTERN = Pattern.compile(NOT_A_WORD);

  /** The normalized text, as the loaded tokenizer makes it. */
  public String normalize(String text) {
    String normalized = Normalizer.normalize(text, Normalizer.Form.NFC);
    if (splitIdentifiers) {
      normalized = INNER_BOUNDARY_PATTERN.matcher(normalized).replaceAll(" ");
    }
    if (!keepPunctuation) {
      normalized = NOT_A_WORD_PATTERN.matcher(normalized).replaceAll(" ");
    }
    return lowercase ? lowercase(normalized) : normalized;
  }

  /** The {@code normalizer} of tokenizer.json. */
  ObjectNode json() {
    ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("normalizers");
    steps.addObject().put("type", "NFC");
    if (splitIdentifiers) {
      replaceBySpace(steps, INNER_BOUNDARY);
    }
    if (!keepPunctuation) {
      replaceBySpace(steps, NOT_A_WORD);
    }
    if (lowercase) {
      steps.addObject().put("type", "Lowercase");
    }
    return sequence;
  }

  private static void replaceBySpace(ArrayNode steps, String regex) {
    ObjectNode step = steps.addObject().put("type", "Replace");
    step.putObject("pattern").put("Regex", regex);
    step.put("content", " ");
  }

  /** Character by character, without Java's rules for final sigma, as the tokenizer does it. */
  private static String lowercase(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\u0130') {
                lower.append("i\u0307");
              } else {
                lower.appendCodePoint(Character.toLowerCase(c));
              }
            });
    return lower.toString();
  }
}
