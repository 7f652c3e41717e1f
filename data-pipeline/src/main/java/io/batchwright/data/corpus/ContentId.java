package io.batchwright.data.corpus;

import net.openhft.hashing.LongTupleHashFunction;
import org.apache.spark.sql.api.java.UDF2;

/**
 * The id of a text that has none: 32 hexadecimal digits of the 128-bit xxh3 hash (seed 0) of the
 * UTF-16 code units of {@code source + U+0000 + text}. This is version 1; another algorithm gets
 * another class.
 */
public final class ContentId implements UDF2<String, String, String> {
  private static final long serialVersionUID = 1L;

  /** The id of {@code text} in {@code source}. */
  public static String of(String source, String text) {
    long[] hash = LongTupleHashFunction.xx128().hashChars(source + '\0' + text);
    return "%016x%016x".formatted(hash[1], hash[0]);
  }

  @Override
  public String call(String source, String text) {
    return text == null ? null : of(source, text);
  }
}
