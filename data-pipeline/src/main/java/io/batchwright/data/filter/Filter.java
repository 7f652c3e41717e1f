package io.batchwright.data.filter;

import java.io.Serializable;
import org.apache.spark.sql.Column;

/**
 * A rule about one document's text. Rules are Spark columns, so that they run inside the query that
 * applies them.
 */
public sealed interface Filter extends Serializable
    permits AlphabeticShare,
        MaximumLength,
        MeanWordLength,
        MinimumLength,
        PlaceholderText,
        RepeatedLines,
        CustomFilter {

  /** Why a document is removed, such as {@code too_short}. */
  String reason();

  /**
   * Whether a document stays.
   *
   * @param text the column of texts, never null
   */
  Column keeps(Column text);
}
