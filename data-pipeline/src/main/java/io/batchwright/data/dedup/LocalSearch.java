package io.batchwright.data.dedup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * One search on the driver: equal prints, and links of documents that share a band.
 *
 * @param roster all documents
 * @param gone ordinals that earlier deduplicators removed
 * @param level the number of the searching deduplicator
 */
record LocalSearch(LocalRoster roster, BitSet gone, int level) {
  private static final int TYPICAL_BANDS = 16;

  private record Key(long high, long low) {}

  /** Duplicates ({@link Duplicates#SCHEMA}) whose 16-byte prints are equal within their part. */
  List<Row> equal(boolean acrossOrigins) {
    Map<Key, Integer> firsts = new HashMap<>();
    List<Row> duplicates = new ArrayList<>();
    for (int i = gone.nextClearBit(0); i < roster.size(); i = gone.nextClearBit(i + 1)) {
      byte[] print = roster.print(i, level);
      Key key = new Key(BandKeys.key(print, 1) ^ roster.part(i), BandKeys.key(print, 0));
      Integer first = firsts.putIfAbsent(key, i);
      if (first != null && !(acrossOrigins && roster.origin(i) == roster.origin(first))) {
        duplicates.add(RowFactory.create((long) i, (long) first, 1.0));
      }
    }
    return duplicates;
  }

  /** The components of documents that share a band: those that share one with any. */
  UnionFind linked() {
    UnionFind forest = new UnionFind();
    int expected = roster.size() * TYPICAL_BANDS;
    LongIndex keys = new LongIndex(expected);
    int[] holders = new int[Math.max(1024, expected)];
    for (int i = gone.nextClearBit(0); i < roster.size(); i = gone.nextClearBit(i + 1)) {
      byte[] print = roster.print(i, level);
      for (int band = 0; print != null && band < BandKeys.bands(print); band++) {
        int known = keys.size();
        int number = keys.add(BandKeys.key(print, band) ^ roster.part(i));
        if (number < known) {
          forest.unite(holders[number], i);
        } else {
          if (number == holders.length) {
            holders = Arrays.copyOf(holders, number * 2);
          }
          holders[number] = i;
        }
      }
    }
    return forest;
  }
}
