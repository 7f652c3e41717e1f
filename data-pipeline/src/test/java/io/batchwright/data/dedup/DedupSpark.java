package io.batchwright.data.dedup;

import io.batchwright.data.Tables;
import io.batchwright.data.TestSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** A small local session and corpora for the tests of preparation stages. */
public final class DedupSpark {
  private DedupSpark() {}

  /** The session of this JVM. */
  public static SparkSession session() {
    return TestSpark.session();
  }

  /** Documents from (doc_id, source, text) triples. */
  public static Dataset<Row> documents(List<String[]> triples) {
    List<Row> rows = new ArrayList<>();
    for (String[] triple : triples) {
      rows.add(RowFactory.create(triple[0], triple[1], triple[2], null));
    }
    return session().createDataFrame(rows, Tables.DOCUMENTS);
  }

  /** {@code count} words that depend on {@code seed}, repeatable. */
  public static String words(long seed, int count) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append("w").append(random.nextInt(20_000));
    }
    return text.toString();
  }

  /** {@code text} with its word number {@code at} replaced. */
  public static String edited(String text, int at, String word) {
    String[] words = text.split(" ");
    words[at] = word;
    return String.join(" ", words);
  }

  /** survivor of each removed doc_id. */
  public static Map<String, String> survivors(Deduplication found) {
    Map<String, String> survivors = new TreeMap<>();
    found
        .outcome()
        .removed()
        .collectAsList()
        .forEach(row -> survivors.put(row.getString(0), row.getAs("survivor_id")));
    return survivors;
  }
}
