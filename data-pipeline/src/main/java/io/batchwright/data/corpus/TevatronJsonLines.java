package io.batchwright.data.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.corpus.CorpusRows.Place;
import io.batchwright.data.corpus.PairLines.BadLine;
import io.batchwright.data.corpus.PairLines.Passage;
import io.batchwright.technique.Check;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Tevatron's training lines: {@code {"query_id", "query", "positive_passages": [{"docid", "title",
 * "text"}], "negative_passages": [...]}}. Negatives become candidates, in their order.
 *
 * @param path files, folders or globs, plain or compressed
 * @param source the value of the column {@code source}; empty for the path
 * @param maximumLineBytes a longer line is quarantined as {@code too_large}
 */
public record TevatronJsonLines(String path, String source, long maximumLineBytes)
    implements CorpusSource {
  /** Lines up to 64 MB. */
  public static final TevatronJsonLines DEFAULTS =
      new TevatronJsonLines("train.jsonl", "", 64L << 20);

  public TevatronJsonLines {
    Check.notBlank("TevatronJsonLines.path", path);
    Check.positive("TevatronJsonLines.maximumLineBytes", maximumLineBytes);
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return new PairLines(source.isBlank() ? path : source, TevatronJsonLines::line)
        .read(spark, path, maximumLineBytes);
  }

  private static void line(String line, Place place, String source, List<Row> rows) throws BadLine {
    JsonNode node = PairLines.object(line);
    if (!node.hasNonNull("query") || !node.path("positive_passages").isArray()) {
      throw new BadLine("missing_column");
    }
    List<Passage> passages = new ArrayList<>();
    add(node.get("positive_passages"), true, source, passages);
    add(node.path("negative_passages"), false, source, passages);
    String queryId = PairLines.text(node, "query_id");
    PairLines.add(queryId, PairLines.text(node, "query"), passages, place, source, rows);
  }

  private static void add(JsonNode list, boolean positive, String source, List<Passage> passages) {
    for (JsonNode passage : list) {
      String text = PairLines.titled(passage);
      String id = PairLines.text(passage, "docid");
      passages.add(
          id.isBlank()
              ? Passage.of(source, text, positive)
              : new Passage(id, CorpusRows.SHARED, text, positive));
    }
  }
}
