package io.batchwright.data.token;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Words cut into the longest known pieces from the left; a piece inside a word starts with {@code
 * ##}.
 *
 * <p>A word is the same wherever it stands: "reverse(array)" and "an array" share the token {@code
 * array}, which {@link ByteLevelBpe} gives only after a space. Words whose characters are not in
 * the alphabet become {@code [UNK]}. The special tokens are BERT's, from id 0: {@code [PAD] [UNK]
 * [CLS] [SEP] [MASK]}; models that ask for them see {@code [CLS] text [SEP]}.
 *
 * <p><b>Deviations from the paper:</b> pieces are merged by their count, as BERT's public
 * reimplementations do, not by the likelihood of a language model; words are cut at white space and
 * around punctuation as in BERT.
 *
 * @param vocabularySize ids at most, the five special tokens included; at least 300
 * @param minCount how often a pair must occur to become a piece; at least 1
 * @param maxWords how many different words, the most frequent ones, merges are learned from
 * @param wordRules what a text becomes before it is cut
 */
@Paper(
    title = "Japanese and Korean Voice Search",
    where = "Section 3; the cut of BERT (1810.04805), appendix A.2")
public record WordPiece(int vocabularySize, int minCount, int maxWords, WordRules wordRules)
    implements TokenizerTrainer {

  /** BERT's vocabulary of 30,522 ids, lower case. */
  public static final WordPiece PAPER = new WordPiece(30_522, 2, 1_000_000, WordRules.DEFAULTS);

  /** For source code beside prose. */
  public static final WordPiece CODE = new WordPiece(30_522, 2, 1_000_000, WordRules.CODE);

  static final String CONTINUATION = "##";
  static final int MAX_CHARACTERS = 100;
  static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  /** How many different characters the alphabet holds at most, the most frequent ones. */
  static final int MAX_ALPHABET = 1_000;

  /** Checks the ranges. */
  public WordPiece {
    Check.atLeast("WordPiece.vocabularySize", vocabularySize, 300);
    Check.atLeast("WordPiece.minCount", minCount, 1);
    Check.atLeast("WordPiece.maxWords", maxWords, 1);
  }

  @Override
  public TrainedTokenizer train(Dataset<Row> texts) {
    WordRules rules = wordRules;
    WordCounts counts =
        WordCounts.of(
            texts, (text, word) -> split(rules.normalize(text), word), maxWords, MAX_CHARACTERS);
    List<String> alphabet = alphabet(counts);
    List<int[]> words = new ArrayList<>();
    List<Long> occurrences = new ArrayList<>();
    Map<String, Integer> ids = new HashMap<>();
    alphabet.forEach(symbol -> ids.put(symbol, ids.size()));
    for (int i = 0; i < counts.words().length; i++) {
      int[] symbols = symbols(counts.words()[i], ids);
      if (symbols != null) {
        words.add(symbols);
        occurrences.add(counts.counts()[i]);
      }
    }
    Merges merges =
        new Merges(
            alphabet,
            words.toArray(int[][]::new),
            occurrences.stream().mapToLong(Long::longValue).toArray(),
            CONTINUATION);
    merges.learn(vocabularySize - SPECIAL.size(), minCount);
    List<String> tokens = Stream.concat(SPECIAL.stream(), merges.symbols().stream()).toList();
    return TrainedTokenizer.of(json(tokens), tokens.size(), counts.corpus());
  }

  /** BERT's cut: white space goes, each punctuation character stands alone. */
  static void split(String text, Consumer<String> words) {
    int start = -1;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      boolean space = isWhitespace(c);
      if (space || isPunctuation(c)) {
        if (start >= 0) {
          words.accept(text.substring(start, i));
          start = -1;
        }
        if (!space) {
          words.accept(text.substring(i, next));
        }
      } else if (start < 0) {
        start = i;
      }
      i = next;
    }
    if (start >= 0) {
      words.accept(text.substring(start));
    }
  }

  /** Unicode's White_Space, which differs from {@link Character#isWhitespace}. */
  static boolean isWhitespace(int c) {
    return Character.isSpaceChar(c) || (c >= 0x09 && c <= 0x0D) || c == 0x85;
  }

  private static boolean isPunctuation(int c) {
    if (c < 128) {
      return (c >= '!' && c <= '/')
          || (c >= ':' && c <= '@')
          || (c >= '[' && c <= '`')
          || (c >= '{' && c <= '~');
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  /** The most frequent characters, each as a word's first and as an inner one, sorted. */
  private static List<String> alphabet(WordCounts counts) {
    Map<Integer, Long> characters = new HashMap<>();
    for (int i = 0; i < counts.words().length; i++) {
      long count = counts.counts()[i];
      counts.words()[i].codePoints().forEach(c -> characters.merge(c, count, Long::sum));
    }
    Set<Integer> kept = new HashSet<>();
    characters.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MAX_ALPHABET)
        .forEach(entry -> kept.add(entry.getKey()));
    Set<String> symbols = new HashSet<>();
    for (String word : counts.words()) {
      for (int i = 0; i < word.length(); i += Character.charCount(word.codePointAt(i))) {
        int c = word.codePointAt(i);
        if (kept.contains(c)) {
          symbols.add((i == 0 ? "" : CONTINUATION) + Character.toString(c));
        }
      }
    }
    return symbols.stream().sorted().toList();
  }

  private static int[] symbols(String word, Map<String, Integer> ids) {
    int[] characters = word.codePoints().toArray();
    int[] symbols = new int[characters.length];
    for (int i = 0; i < symbols.length; i++) {
      Integer id = ids.get((i == 0 ? "" : CONTINUATION) + Character.toString(characters[i]));
      if (id == null) {
        return null;
      }
      symbols[i] = id;
    }
    return symbols;
  }

  private String json(List<String> tokens) {
    ObjectNode decoder =
        TokenizerJson.object("WordPiece").put("prefix", CONTINUATION).put("cleanup", false);
    ObjectNode model =
        TokenizerJson.object("WordPiece")
            .put("unk_token", SPECIAL.get(1))
            .put("continuing_subword_prefix", CONTINUATION)
            .put("max_input_chars_per_word", MAX_CHARACTERS);
    model.set("vocab", TokenizerJson.vocabulary(tokens));
    return TokenizerJson.write(
        SPECIAL,
        TokenizerJson.template(SPECIAL, SPECIAL.get(2), SPECIAL.get(3)),
        wordRules,
        TokenizerJson.object("BertPreTokenizer"),
        decoder,
        model);
  }
}
