package io.batchwright.data.corpus;

import io.batchwright.data.failure.BatchwrightException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;

/**
 * Which of the input's columns are what.
 *
 * @param docId the column of ids; empty for the first there is of doc_id, _id, id, docid, and where
 *     there is none ids are derived ({@link ContentId})
 * @param text the column of texts; empty for the first there is of text, content, contents, body
 * @param keep other columns that pass through with their types; empty for all
 */
public record Columns(String docId, String text, List<String> keep) implements Serializable {
  /** Usual names, and every column passes through. */
  public static final Columns DEFAULTS = new Columns("", "", List.of());

  private static final List<String> ID_NAMES = List.of("doc_id", "_id", "id", "docid");
  private static final List<String> TEXT_NAMES = List.of("text", "content", "contents", "body");

  public Columns {
    keep = List.copyOf(keep);
  }

  /** The input's id column, or empty where ids are to be derived. */
  Optional<String> idColumn(StructType input, String source) {
    return docId.isBlank()
        ? firstOf(ID_NAMES, input)
        : Optional.of(require("docId", docId, input, source));
  }

  /** The input's text column. */
  String textColumn(StructType input, String source) {
    if (!text.isBlank()) {
      return require("text", text, input, source);
    }
    return firstOf(TEXT_NAMES, input)
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    "%s has no column named %s. It has: %s. Name one with columns.text."
                        .formatted(
                            source,
                            String.join(", ", TEXT_NAMES),
                            String.join(", ", names(input)))));
  }

  /** The input's columns that pass through besides id and text. */
  List<String> keptColumns(StructType input, String source) {
    if (keep.isEmpty()) {
      return names(input);
    }
    keep.forEach(name -> require("keep", name, input, source));
    return keep;
  }

  private static String require(String field, String name, StructType input, String source) {
    return firstOf(List.of(name), input)
        .orElseThrow(
            () ->
                BatchwrightException.usage(
                    "columns.%s names %s, but %s has no such column. It has: %s."
                        .formatted(field, name, source, String.join(", ", names(input)))));
  }

  private static Optional<String> firstOf(List<String> wanted, StructType input) {
    for (String name : wanted) {
      for (String there : input.fieldNames()) {
        if (there.equalsIgnoreCase(name)) {
          return Optional.of(there);
        }
      }
    }
    return Optional.empty();
  }

  private static List<String> names(StructType input) {
    return Arrays.stream(input.fieldNames()).filter(name -> !name.startsWith("_bw_")).toList();
  }
}
