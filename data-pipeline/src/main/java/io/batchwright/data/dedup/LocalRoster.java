package io.batchwright.data.dedup;

import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The fingerprints of a corpus of moderate size on the driver, about 600 bytes a document: place in
 * the arrays is the ordinal. It saves the two dozen Spark jobs that narrow tables would cost.
 */
final class LocalRoster {
  private static final int PRINTS = 10;
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
    ordered.sort(LocalRoster::bySurvival);
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

  /** The order of {@link Fingerprints#ordered}. */
  private static int bySurvival(Row one, Row two) {
    int order = Integer.compare(one.getInt(7), two.getInt(7));
    if (order == 0) {
      order = Boolean.compare(one.isNullAt(8), two.isNullAt(8));
    }
    if (order == 0 && !one.isNullAt(8)) {
      order = Double.compare(two.getDouble(8), one.getDouble(8));
    }
    if (order == 0) {
      order = Integer.compare(two.getInt(9), one.getInt(9));
    }
    return order == 0 ? byCodePoints(one.getString(0), two.getString(0)) : order;
  }

  /** The order of UTF-8, as in Spark: that of UTF-16 but for surrogates, which come last. */
  static int byCodePoints(String one, String two) {
    int shorter = Math.min(one.length(), two.length());
    for (int i = 0; i < shorter; i++) {
      char a = one.charAt(i);
      char b = two.charAt(i);
      if (a != b) {
        boolean highA = Character.isSurrogate(a);
        boolean highB = Character.isSurrogate(b);
        return highA == highB ? Character.compare(a, b) : Boolean.compare(highA, highB);
      }
    }
    return Integer.compare(one.length(), two.length());
  }
}
