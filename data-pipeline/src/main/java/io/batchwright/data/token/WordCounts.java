package io.batchwright.data.token;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Consumer;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * How often each word occurs, counted in Spark.
 *
 * @param words the words, most frequent first, equal counts in the order of their bytes
 * @param counts how often each occurs
 * @param corpus figures about all words, those beyond the cap included
 */
record WordCounts(String[] words, long[] counts, TrainedTokenizer.CorpusCounts corpus) {

  /** Cuts a text into words; the same words as the loaded tokenizer's. */
  interface Splitter extends Serializable {
    void split(String text, Consumer<String> word);
  }

  /**
   * Counts the words of the column {@code text}.
   *
   * @param maxWords how many different words go to the driver
   * @param maxCharacters words longer than this are counted but not learned from
   */
  static WordCounts of(Dataset<Row> texts, Splitter splitter, int maxWords, int maxCharacters) {
    Dataset<Row> counts =
        texts
            .select(col("text"))
            .where(col("text").isNotNull())
            .mapPartitions(
                (MapPartitionsFunction<Row, Tuple2<String, Long>>)
                    rows -> new PartialCounts(rows, splitter),
                Encoders.tuple(Encoders.STRING(), Encoders.LONG()))
            .toDF("word", "count")
            .groupBy(col("word"))
            .agg(sum(col("count")).as("count"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> learnable =
          counts.where(org.apache.spark.sql.functions.length(col("word")).leq(maxCharacters));
      List<Row> top =
          learnable.orderBy(col("count").desc(), col("word").asc()).limit(maxWords).collectAsList();
      String[] words = new String[top.size()];
      long[] occurrences = new long[top.size()];
      long learned = 0;
      for (int i = 0; i < words.length; i++) {
        words[i] = top.get(i).getString(0);
        occurrences[i] = top.get(i).getLong(1);
        learned += occurrences[i];
      }
      Totals all = Totals.of(counts);
      Totals fitting = Totals.of(learnable);
      return new WordCounts(
          words,
          occurrences,
          new TrainedTokenizer.CorpusCounts(
              all.occurrences,
              all.distinct,
              words.length,
              learned,
              all.occurrences - fitting.occurrences));
    } finally {
      counts.unpersist();
    }
  }

  private record Totals(long distinct, long occurrences) {
    static Totals of(Dataset<Row> counts) {
      Row row = counts.agg(count(lit(1)), sum(col("count"))).head();
      return new Totals(row.getLong(0), row.isNullAt(1) ? 0 : row.getLong(1));
    }
  }

  /** Combines on the map side in a map that is emptied whenever it grows too large. */
  private static final class PartialCounts implements Iterator<Tuple2<String, Long>> {
    private static final int MAX_DISTINCT = 200_000;

    private final Iterator<Row> rows;
    private final Splitter splitter;
    private final Queue<Tuple2<String, Long>> ready = new ArrayDeque<>();

    PartialCounts(Iterator<Row> rows, Splitter splitter) {
      this.rows = rows;
      this.splitter = splitter;
    }

    @Override
    public boolean hasNext() {
      while (ready.isEmpty() && rows.hasNext()) {
        fill();
      }
      return !ready.isEmpty();
    }

    @Override
    public Tuple2<String, Long> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void fill() {
      Map<String, Long> counts = new HashMap<>();
      while (rows.hasNext() && counts.size() < MAX_DISTINCT) {
        splitter.split(rows.next().getString(0), word -> counts.merge(word, 1L, Long::sum));
      }
      counts.forEach((word, count) -> ready.add(new Tuple2<>(word, count)));
    }
  }
}
