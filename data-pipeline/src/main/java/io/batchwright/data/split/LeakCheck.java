package io.batchwright.data.split;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.sum;

import io.batchwright.data.dedup.ShingleUnit;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.dedup.Workspace;
import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Finds the training documents that are near-duplicates of a held-out one, without missing any: the
 * check that the split stands on must not be a sample.
 *
 * <p>Not LSH, whose recall is below one at any number of bands, but an exact search: held-out
 * documents are few, so an inverted index of their shingles is broadcast (in pieces of at most 16
 * million shingles), and each training document is probed against it by its rarest shingles ({@link
 * HeldOutIndex}). What remains undetected are collisions of 64-bit hashes.
 *
 * @param threshold the least Jaccard similarity that counts as a leak, in (0, 1]
 * @param unit what a shingle is made of
 * @param shingleSize units in a shingle
 */
public record LeakCheck(double threshold, ShingleUnit unit, int shingleSize)
    implements Serializable {
  /** Similarity 0.8 on word 5-grams, as deduplication's default. */
  public static final LeakCheck DEFAULTS = new LeakCheck(0.8, ShingleUnit.WORDS, 5);

  private static final int MAX_SHINGLES = 16_000_000;

  public LeakCheck {
    Check.range("LeakCheck.threshold", threshold, 0, false, 1, true);
    Check.that(unit != null, "LeakCheck.unit", "must be given");
    Check.range("LeakCheck.shingleSize", shingleSize, 1, true, 1024, true);
  }

  /**
   * What one check found.
   *
   * @param pairs (doc_id, held_out_id, similarity)
   * @param trainDocuments training documents compared
   * @param heldOutDocuments held-out documents compared
   * @param comparedPairs pairs whose exact similarity was computed
   * @param nearPairs rows of {@code pairs}
   */
  public record Leaks(
      Dataset<Row> pairs,
      long trainDocuments,
      long heldOutDocuments,
      long comparedPairs,
      long nearPairs) {}

  /** Compares {@code train} with {@code heldOut}, both (doc_id, text); runs now. */
  public Leaks find(Dataset<Row> train, Dataset<Row> heldOut, Workspace workspace) {
    return find(train, heldOut, workspace, MAX_SHINGLES);
  }

  Leaks find(Dataset<Row> train, Dataset<Row> heldOut, Workspace workspace, int maxShingles) {
    Shingles shingles = new Shingles(unit, shingleSize);
    Iterator<Row> ordered = heldOut.select("doc_id", "text").orderBy("doc_id").toLocalIterator();
    List<Dataset<Row>> scans = new ArrayList<>();
    long documents = 0;
    while (ordered.hasNext() || scans.isEmpty()) {
      HeldOutIndex index = HeldOutIndex.of(ordered, shingles, maxShingles);
      documents += index.size();
      Dataset<Row> scan = workspace.keep(scan(train, index));
      scan.count();
      scans.add(scan);
    }
    Dataset<Row> all = scans.stream().reduce(Dataset::union).orElseThrow();
    Row totals =
        all.agg(sum("documents"), sum("compared"), count_if(col("held_out_id").isNotNull())).head();
    return new Leaks(
        all.where(col("held_out_id").isNotNull()).select("doc_id", "held_out_id", "similarity"),
        totals.isNullAt(0) ? 0 : totals.getLong(0) / scans.size(),
        documents,
        totals.isNullAt(1) ? 0 : totals.getLong(1),
        totals.getLong(2));
  }

  private Dataset<Row> scan(Dataset<Row> train, HeldOutIndex index) {
    Broadcast<HeldOutIndex> shared =
        JavaSparkContext.fromSparkContext(train.sparkSession().sparkContext()).broadcast(index);
    return train
        .select("doc_id", "text")
        .mapPartitions(
            new LeakScan(shared, threshold, new Shingles(unit, shingleSize)),
            Encoders.row(LeakScan.FOUND));
  }
}
