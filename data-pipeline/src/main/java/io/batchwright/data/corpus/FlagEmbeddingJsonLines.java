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
 * FlagEmbedding's training lines: {@code {"query": text, "pos": [texts], "neg": [texts]}}. Equal
 * texts are one document, equal queries one query. Negatives become candidates, in their order.
 *
 * @param path files, folders or globs, plain or compressed
 * @param source the value of the column {@code source}; empty for the path
 * @param maximumLineBytes a longer line is quarantined as {@code too_large}
 */
public record FlagEmbeddingJsonLines(String path, String source, long maximumLineBytes)
    implements CorpusSource {
  /** Lines up to 64 MB. */
  public static final FlagEmbeddingJsonLines DEFAULTS =
      new FlagEmbeddingJsonLines("train.jsonl", "", 64L << 20);

  public FlagEmbeddingJsonLines {
    Check.notBlank("FlagEmbeddingJsonLines.path", path);
    Check.positive("FlagEmbeddingJsonLines.maximumLineBytes", maximumLineBytes);
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return new PairLines(source.isBlank() ? path : source, FlagEmbeddingJsonLines::line)
        .read(spark, path, maximumLineBytes);
  }

  private static void line(String line, Place place, String source, List<Row> rows) throws BadLine {
    JsonNode node = PairLines.object(line);
    if (!node.hasNonNull("query") || !node.path("pos").isArray()) {
      throw new BadLine("missing_column");
    }
    List<Passage> passages = new ArrayList<>();
    node.get("pos").forEach(text -> passages.add(Passage.of(source, text.asText(), true)));
    node.path("neg").forEach(text -> passages.add(Passage.of(source, text.asText(), false)));
    PairLines.add(
        PairLines.text(node, "id"), PairLines.text(node, "query"), passages, place, source, rows);
  }
}
