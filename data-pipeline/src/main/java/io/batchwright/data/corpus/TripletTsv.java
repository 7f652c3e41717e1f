package io.batchwright.data.corpus;

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
 * Lines of query, positive and any number of negatives, parted by tabs, without a header. Equal
 * texts are one document, equal queries one query. Negatives become candidates, in their order. A
 * line of fewer than two fields is quarantined as {@code missing_column}.
 *
 * @param path files, folders or globs, plain or compressed
 * @param source the value of the column {@code source}; empty for the path
 * @param maximumLineBytes a longer line is quarantined as {@code too_large}
 */
public record TripletTsv(String path, String source, long maximumLineBytes)
    implements CorpusSource {
  /** Lines up to 64 MB. */
  public static final TripletTsv DEFAULTS = new TripletTsv("triplets.tsv", "", 64L << 20);

  public TripletTsv {
    Check.notBlank("TripletTsv.path", path);
    Check.positive("TripletTsv.maximumLineBytes", maximumLineBytes);
  }

  @Override
  public String describe() {
    return path;
  }

  @Override
  public Dataset<Row> read(SparkSession spark) {
    return new PairLines(source.isBlank() ? path : source, TripletTsv::line)
        .read(spark, path, maximumLineBytes);
  }

  private static void line(String line, Place place, String source, List<Row> rows) throws BadLine {
    String[] fields = line.split("\t", -1);
    if (fields.length < 2) {
      throw new BadLine("missing_column");
    }
    List<Passage> passages = new ArrayList<>();
    for (int i = 1; i < fields.length; i++) {
      passages.add(Passage.of(source, fields[i], i == 1));
    }
    PairLines.add("", fields[0], passages, place, source, rows);
  }
}
