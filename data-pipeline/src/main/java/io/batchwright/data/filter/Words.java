package io.batchwright.data.filter;

import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.split;

import org.apache.spark.sql.Column;

/** A text's words: what stands between white space. */
final class Words {
  private Words() {}

  static Column of(Column text) {
    return filter(split(text, "\\s+"), word -> word.notEqual(""));
  }

  static Column count(Column text) {
    return size(of(text));
  }

  /** A text's length in {@code unit}, characters or words. */
  static Column length(Column text, String unit) {
    return unit.equals("words") ? count(text) : org.apache.spark.sql.functions.length(text);
  }
}
