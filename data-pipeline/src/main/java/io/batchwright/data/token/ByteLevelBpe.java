package io.batchwright.data.token;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Byte pair encoding over UTF-8 bytes: no text is unknown.
 *
 * <p>A space belongs to the word after it, so "array" after a space and "array" after a bracket are
 * different tokens; for source code in bags of tokens use {@link WordPiece}, or word rules that
 * drop punctuation.
 *
 * <p>Its one special token is {@code <|endoftext|>}, id 0; nothing goes around a text.
 *
 * <p><b>Deviations from the paper:</b> none; with {@link WordRules#VERBATIM} texts are cut by
 * GPT-2's pattern. Other word rules change the text before the cut, and a space is put before its
 * first word.
 *
 * @param vocabularySize ids at most, special tokens and the 256 bytes included; at least 300
 * @param minCount how often a pair must occur to be merged; at least 1
 * @param maxWords how many different words, the most frequent ones, merges are learned from
 * @param wordRules what a text becomes before it is cut
 */
@Paper(
    title = "Language Models are Unsupervised Multitask Learners",
    where = "Section 2.2; merges by Neural Machine Translation of Rare Words (1508.07909)")
public record ByteLevelBpe(int vocabularySize, int minCount, int maxWords, WordRules wordRules)
    implements TokenizerTrainer {

  /** GPT-2's 50,257 ids, texts as they are. */
  public static final ByteLevelBpe PAPER =
      new ByteLevelBpe(50_257, 2, 1_000_000, WordRules.VERBATIM);

  static final List<String> SPECIAL = List.of("<|endoftext|>");
  private static final int MAX_CHARACTERS = 256;

  /** Java needs the flag for the white space that the loaded tokenizer knows. */
  private static final Pattern WORDS =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  /** Checks the ranges. */
  public ByteLevelBpe {
    Check.atLeast("ByteLevelBpe.vocabularySize", vocabularySize, 300);
    Check.atLeast("ByteLevelBpe.minCount", minCount, 1);
    Check.atLeast("ByteLevelBpe.maxWords", maxWords, 1);
  }

  @Override
  public TrainedTokenizer train(Dataset<Row> texts) {
    WordRules rules = wordRules;
    boolean spaceFirst = addsPrefixSpace();
    WordCounts counts =
        WordCounts.of(
            texts,
            (text, word) -> split(rules.normalize(text), spaceFirst, word),
            maxWords,
            MAX_CHARACTERS);
    int[][] words = new int[counts.words().length][];
    for (int i = 0; i < words.length; i++) {
      words[i] = bytes(counts.words()[i]);
    }
    Merges merges = new Merges(ByteAlphabet.SYMBOLS, words, counts.counts(), "");
    List<int[]> learned = merges.learn(vocabularySize - SPECIAL.size(), minCount);
    List<String> tokens = Stream.concat(SPECIAL.stream(), merges.symbols().stream()).toList();
    return TrainedTokenizer.of(
        json(tokens, merges.symbols(), learned), tokens.size(), counts.corpus());
  }

  /** Whether a space is put before the first word, so that it is the same token as elsewhere. */
  boolean addsPrefixSpace() {
    return !wordRules.equals(WordRules.VERBATIM);
  }

  static void split(String text, boolean spaceFirst, Consumer<String> words) {
    String spaced = spaceFirst && !text.isEmpty() && text.charAt(0) != ' ' ? " " + text : text;
    Matcher matcher = WORDS.matcher(spaced);
    while (matcher.find()) {
      words.accept(matcher.group());
    }
  }

  static int[] bytes(String word) {
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[utf8.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = ByteAlphabet.idOf(utf8[i]);
    }
    return ids;
  }

  private String json(List<String> tokens, List<String> symbols, List<int[]> learned) {
    ObjectNode preTokenizer =
        TokenizerJson.object("ByteLevel")
            .put("add_prefix_space", addsPrefixSpace())
            .put("trim_offsets", true)
            .put("use_regex", true);
    ObjectNode model = TokenizerJson.object("BPE").putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", TokenizerJson.vocabulary(tokens));
    ArrayNode merges = model.putArray("merges");
    for (int[] merge : learned) {
      merges.add(symbols.get(merge[0]) + " " + symbols.get(merge[1]));
    }
    return TokenizerJson.write(
        SPECIAL, NullNode.getInstance(), wordRules, preTokenizer, preTokenizer.deepCopy(), model);
  }
}
