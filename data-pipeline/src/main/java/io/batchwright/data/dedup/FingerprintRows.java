package io.batchwright.data.dedup;

import io.batchwright.data.failure.BatchwrightException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Turns (doc_id, source, text, snapshot, quality) into {@link Fingerprints}, one row after another.
 */
final class FingerprintRows implements Iterator<Row> {
  private static final int FIXED = 10;

  private final Iterator<Row> rows;
  private final Scope scope;
  private final List<String> priority;
  private final Fingerprinter[] fingerprinters;
  private final Map<String, Long> origins = new HashMap<>();
  private final long[] id = new long[2];
  private final ClusterSample sample;
  private final ShingleHasher hasher;

  /**
   * @param sample whose units come last, or null for none
   */
  FingerprintRows(Deduplicate recipe, ClusterSample sample, Iterator<Row> rows) {
    this.rows = rows;
    this.sample = sample;
    hasher = sample == null ? null : sample.shingles().hasher();
    scope = recipe.scope();
    priority = recipe.sourcePriority();
    fingerprinters =
        recipe.deduplicators().stream()
            .map(Deduplicator::fingerprinter)
            .toArray(Fingerprinter[]::new);
  }

  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public Row next() {
    Row row = rows.next();
    String docId = required(row, 0, "doc_id");
    String source = required(row, 1, "source");
    String text = required(row, 2, "text");
    String snapshot = row.getString(3);
    Fingerprints.idHash(docId, id);
    long origin = origin(source);
    int prints = FIXED + fingerprinters.length;
    Object[] values = new Object[sample == null ? prints : prints + 1];
    values[0] = docId;
    values[1] = id[1];
    values[2] = id[0];
    values[3] = source;
    values[4] = snapshot;
    values[5] = origin;
    values[6] =
        switch (scope) {
          case GLOBAL, ACROSS_SOURCES -> 0L;
          case PER_SOURCE -> origin;
          case PER_SNAPSHOT -> origin(required(row, 3, "snapshot"));
        };
    int place = priority.indexOf(source);
    values[7] = place < 0 ? Integer.MAX_VALUE : place;
    values[8] = row.isNullAt(4) ? null : quality(row.getDouble(4));
    values[9] = text.length();
    for (int i = 0; i < fingerprinters.length; i++) {
      values[FIXED + i] = fingerprinters[i].of(text);
    }
    if (sample != null) {
      values[prints] = sample.unit(hasher, text);
    }
    return RowFactory.create(values);
  }

  /** Null for no score; zero has one sign, so that orders agree. */
  private static Double quality(double score) {
    return Double.isNaN(score) ? null : (Double) (score + 0.0);
  }

  private long origin(String source) {
    return origins.size() < 100_000
        ? origins.computeIfAbsent(source, Fingerprints::origin)
        : Fingerprints.origin(source);
  }

  private static String required(Row row, int at, String column) {
    if (row.isNullAt(at)) {
      throw BatchwrightException.data(
          "Deduplication needs a value in the column %s, but the document %s has none."
              .formatted(column, at == 0 ? "(without id)" : row.getString(0)));
    }
    return row.getString(at);
  }
}
