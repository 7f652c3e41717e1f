package io.batchwright.data.corpus;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.corpus.CorpusRows.Document;
import io.batchwright.data.corpus.CorpusRows.Place;
import io.batchwright.data.failure.BatchwrightException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads lines that each hold a query with its passages into {@link CorpusRows}.
 *
 * <p>A line stands for as many documents as it has passages. Passages that come again, in other
 * lines or with other queries, are one document. A line with nothing to learn from, because its
 * query or every positive is empty, is quarantined as {@code empty_text}.
 */
record PairLines(String source, Format format) implements FlatMapFunction<Row, Row> {
  static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /** One line format. */
  @FunctionalInterface
  interface Format extends Serializable {
    /**
     * Adds a line's rows to {@code rows}.
     *
     * @throws BadLine if the line cannot be used
     */
    void read(String line, Place place, String source, List<Row> rows) throws BadLine;
  }

  /** Why a line cannot be used. */
  static final class BadLine extends Exception {
    private static final long serialVersionUID = 1L;

    BadLine(String reason) {
      super(reason, null, false, false);
    }
  }

  /** A passage of a line. */
  record Passage(String id, String idOrigin, String text, boolean positive) {
    /** A passage without an id of its own: equal texts are one document. */
    static Passage of(String source, String text, boolean positive) {
      return new Passage(ContentId.of(source, text), CorpusRows.SHARED, text, positive);
    }
  }

  /** The rows of all lines at {@code path}. */
  Dataset<Row> read(SparkSession spark, String path, long maximumBytes) {
    Dataset<Row> lines = InputLines.read(spark, path, maximumBytes);
    if (lines.isEmpty()) {
      throw BatchwrightException.data(path + " holds no lines.");
    }
    return spark.createDataFrame(lines.javaRDD().flatMap(this), CorpusRows.SCHEMA);
  }

  @Override
  public Iterator<Row> call(Row line) {
    Place place = new Place(line.getString(0), line.getString(2), line.getLong(1));
    if (!line.isNullAt(3)) {
      return List.of(CorpusRows.quarantined(line.getString(3), line.getString(4), place, 0))
          .iterator();
    }
    List<Row> rows = new ArrayList<>();
    try {
      format.read(line.getString(5), place, source, rows);
      return rows.iterator();
    } catch (BadLine e) {
      return List.of(CorpusRows.quarantined(e.getMessage(), line.getString(4), place, 0))
          .iterator();
    }
  }

  /** Adds a query with its passages. */
  static void add(
      String queryId,
      String query,
      List<Passage> passages,
      Place place,
      String source,
      List<Row> rows)
      throws BadLine {
    List<Passage> usable = passages.stream().filter(p -> !p.text().isBlank()).toList();
    if (query.isBlank() || usable.stream().noneMatch(Passage::positive)) {
      throw new BadLine("empty_text");
    }
    String id = queryId.isBlank() ? "q:" + ContentId.of(source, query) : queryId;
    rows.add(CorpusRows.query(id, query, source, id, place, 0));
    int rank = 0;
    for (int i = 0; i < usable.size(); i++) {
      Passage passage = usable.get(i);
      String position = "%s passage %04d".formatted(place.position(), i);
      Place here = new Place(place.path(), position, place.order());
      rows.add(
          CorpusRows.document(
              new Document(passage.id(), passage.idOrigin(), source, passage.text(), Map.of()),
              here,
              i == 0 ? 1 : 0,
              i == 0 ? usable.size() - 1 : 0));
      rows.add(
          passage.positive()
              ? CorpusRows.judgement(id, passage.id(), 1, here, 0)
              : CorpusRows.candidate(id, passage.id(), ++rank, here));
    }
  }

  static JsonNode object(String line) throws BadLine {
    try {
      JsonNode node = JSON.readTree(line);
      if (node == null || !node.isObject()) {
        throw new BadLine("malformed_json");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new BadLine("malformed_json");
    }
  }

  /** A field's text; numbers as they are written. */
  static String text(JsonNode node, String... names) {
    for (String name : names) {
      if (node.hasNonNull(name)) {
        return node.get(name).asText();
      }
    }
    return "";
  }

  /** A passage with its title before it, as BEIR's and tevatron's own encoders join them. */
  static String titled(JsonNode passage) {
    String title = text(passage, "title");
    return title.isBlank() ? text(passage, "text") : title + " " + text(passage, "text");
  }
}
