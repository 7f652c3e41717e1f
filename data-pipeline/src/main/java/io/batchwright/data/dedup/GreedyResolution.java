package io.batchwright.data.dedup;

import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Decides who goes, from all similar pairs in one walk along the order of survival: a document goes
 * if one of its anchors has stayed, and the first such anchor is its survivor.
 *
 * <p>In one partition: ordinal, survivor, similarity ({@link Duplicates#SCHEMA}), survivor lower
 * than ordinal, ordered by (ordinal, survivor). Out: the same, one row a removed document. Memory:
 * a bit a document of the corpus.
 *
 * @param documents the documents of the corpus; ordinals are below it
 */
record GreedyResolution(long documents) implements MapPartitionsFunction<Row, Row> {
  private static final int WORDS_A_BLOCK = 1 << 20;

  @Override
  public Iterator<Row> call(Iterator<Row> pairs) {
    long[][] gone = new long[(int) (documents / (WORDS_A_BLOCK * 64L)) + 1][];
    return new RowByRow(pairs) {
      @Override
      protected Row convert(Row pair) {
        long member = pair.getLong(0);
        if (has(gone, member) || has(gone, pair.getLong(1))) {
          return null;
        }
        add(gone, member);
        return RowFactory.create(pair.get(0), pair.get(1), pair.get(2));
      }
    };
  }

  private static boolean has(long[][] set, long bit) {
    long[] block = set[(int) (bit / 64 / WORDS_A_BLOCK)];
    return block != null && (block[(int) (bit / 64 % WORDS_A_BLOCK)] >>> (bit & 63) & 1) != 0;
  }

  private static void add(long[][] set, long bit) {
    int at = (int) (bit / 64 / WORDS_A_BLOCK);
    if (set[at] == null) {
      set[at] = new long[WORDS_A_BLOCK];
    }
    set[at][(int) (bit / 64 % WORDS_A_BLOCK)] |= 1L << (bit & 63);
  }
}
