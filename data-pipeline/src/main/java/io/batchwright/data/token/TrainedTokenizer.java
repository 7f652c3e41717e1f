package io.batchwright.data.token;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A vocabulary in the form that tokenizer libraries load.
 *
 * @param json the text of {@code tokenizer.json}
 * @param sha256 the SHA-256 of its UTF-8 bytes
 * @param vocabularySize the number of ids, special tokens included
 * @param corpus what was counted to learn it
 */
public record TrainedTokenizer(String json, String sha256, int vocabularySize, CorpusCounts corpus)
    implements Serializable {

  /** A tokenizer with the SHA-256 of {@code json}. */
  public static TrainedTokenizer of(String json, int vocabularySize, CorpusCounts corpus) {
    return new TrainedTokenizer(json, sha256(json), vocabularySize, corpus);
  }

  /** The SHA-256 of the UTF-8 bytes of {@code json}, in hexadecimal. */
  public static String sha256(String json) {
    try {
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * What was counted.
   *
   * @param words occurrences of all words
   * @param distinctWords different words
   * @param learnedWords different words that merges were learned from; the rest is rarer than the
   *     cap allows
   * @param learnedOccurrences occurrences of those
   * @param longWords occurrences of words that are too long to learn from
   */
  public record CorpusCounts(
      long words, long distinctWords, long learnedWords, long learnedOccurrences, long longWords)
      implements Serializable {}
}
