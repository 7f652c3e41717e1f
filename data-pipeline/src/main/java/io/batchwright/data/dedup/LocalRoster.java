package io.batchwright.data.dedup;

import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The fingerprints of a corpus of moderate size on the driver, about 600 bytes a document: place in
 * the arrays is the ordinal. It saves the two dozen Spark jobs that narrow tables would cost.
 */
final class LocalRoster {
  private static final int PRINTS = 10;
  private static final Comparator<Row> SURVIVAL =
      Comparator.<Row>comparingInt(row -> row.getInt(7))
          .thenComparing(row -> row.isNullAt(8))
          .thenComparing(LocalRoster::quality, Comparator.reverseOrder())
          .thenComparing(row -> row.getInt(9), Comparator.reverseOrder())
          .thenComparing(row -> UTF8String.fromString(row.getString(0)));

  private final List<Row> rows;

  private LocalRoster(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * Orders {@code fingerprints}.
   *
   * @throws BatchwrightException if two have one id
   */
  static LocalRoster of(List<Row> fingerprints) {
    Map<String, Boolean> seen = new HashMap<>(fingerprints.size() * 2);
    TreeSet<String> repeated = new TreeSet<>();
    for (Row row : fingerprints) {
      if (seen.put(row.getString(0), true) != null) {
        repeated.add(row.getString(0));
      }
    }
    if (!repeated.isEmpty()) {
      throw Fingerprints.repeated(repeated.stream().limit(3).toList());
    }
    List<Row> ordered = new ArrayList<>(fingerprints);
    ordered.sort(SURVIVAL);
    return new LocalRoster(ordered);
  }

  int size() {
    return rows.size();
  }

  String docId(int ordinal) {
    return rows.get(ordinal).getString(0);
  }

  String source(int ordinal) {
    return rows.get(ordinal).getString(3);
  }

  long origin(int ordinal) {
    return rows.get(ordinal).getLong(5);
  }

  long part(int ordinal) {
    return rows.get(ordinal).getLong(6);
  }

  /** The fingerprint by the deduplicator number {@code level}, or null. */
  byte[] print(int ordinal, int level) {
    return rows.get(ordinal).getAs(PRINTS + level);
  }

  /** The columns that {@link Fingerprints#ordered} gives, of what is not {@code gone}. */
  Dataset<Row> table(SparkSession spark, BitSet gone, int levels) {
    List<Row> numbered = new ArrayList<>();
    for (int i = gone.nextClearBit(0); i < rows.size(); i = gone.nextClearBit(i + 1)) {
      Row row = rows.get(i);
      Object[] values = new Object[row.length() + 1];
      values[0] = (long) i;
      for (int column = 0; column < row.length(); column++) {
        values[column + 1] = row.get(column);
      }
      numbered.add(RowFactory.create(values));
    }
    StructType schema = Fingerprints.withOrdinal(Fingerprints.schema(levels));
    return spark.createDataFrame(numbered, schema);
  }

  private static double quality(Row row) {
    return row.isNullAt(8) ? 0 : row.getDouble(8);
  }
}
