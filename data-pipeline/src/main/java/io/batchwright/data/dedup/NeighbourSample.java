package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.technique.Check;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Documents drawn one by one, with the documents of the whole corpus that could decide about them:
 * what shares a bucket with a drawn one, and what shares a bucket with those.
 *
 * <p>Deduplicating a plain sample finds a share of {@code share} of the duplicates, since a
 * document is one only if its partner was drawn as well; drawing copies together mends the mean,
 * but then whole clusters come or stay away. Here each drawn document is judged as in the whole
 * corpus, so the drawn ones that go are a binomial sample of all that go.
 *
 * <p><b>Deviations.</b> Of each bucket the first {@value #FIRST} by the order of survival are
 * taken, about as many as a run compares with; and whether a neighbour of a neighbour stays is not
 * looked into.
 *
 * @param share the probability that a document is drawn, in (0, 1]
 * @param seed chooses the draws
 */
public record NeighbourSample(double share, long seed) {
  static final int FIRST = 64;
  private static final int STEPS = 2;
  private static final long MOST_BLOOM_KEYS = 100_000_000;
  private static final double FALSE_POSITIVES = 0.01;
  private static final String[] DOC_ID = {"doc_id"};

  private static final StructType KEYS =
      new StructType()
          .add("key", DataTypes.LongType, false)
          .add("place", DataTypes.IntegerType, false)
          .add("quality", DataTypes.DoubleType, true)
          .add("length", DataTypes.IntegerType, false)
          .add("doc_id", DataTypes.StringType, false);

  public NeighbourSample {
    Check.range("NeighbourSample.share", share, 0, false, 1, true);
  }

  /**
   * Draws.
   *
   * @param prints {@link Fingerprints} of all documents, computed already
   * @return (doc_id, drawn), drawn false for those that came along
   */
  public Dataset<Row> of(Deduplicate recipe, Dataset<Row> prints, Workspace workspace) {
    Dataset<Row> drawn = workspace.keep(prints.where(draws()).select("doc_id"));
    if (share == 1) {
      return drawn.withColumn("drawn", lit(true));
    }
    Dataset<Row> all = drawn.withColumn("drawn", lit(true));
    Dataset<Row> front = drawn;
    for (int step = 0; step < STEPS; step++) {
      front = neighbours(recipe, prints, front, workspace);
      front = workspace.keep(front.join(all, DOC_ID, "left_anti"));
      all = all.union(front.withColumn("drawn", lit(false)));
    }
    return all;
  }

  private org.apache.spark.sql.Column draws() {
    return shiftrightunsigned(xxhash64(lit(seed), col("id_high"), col("id_low")), 11)
        .cast(DataTypes.DoubleType)
        .multiply(0x1p-53)
        .lt(share);
  }

  private static Dataset<Row> neighbours(
      Deduplicate recipe, Dataset<Row> prints, Dataset<Row> front, Workspace workspace) {
    MapPartitionsFunction<Row, Row> keys = rows -> new Keys(recipe.deduplicators(), rows);
    Dataset<Row> wanted =
        workspace.keep(
            prints
                .join(front, DOC_ID, "left_semi")
                .mapPartitions(keys, Encoders.row(KEYS))
                .select("key")
                .distinct());
    FilterFunction<Row> known = new BloomKeys(wanted, MOST_BLOOM_KEYS, FALSE_POSITIVES);
    return prints
        .mapPartitions(keys, Encoders.row(KEYS))
        .filter(known)
        .join(wanted, "key")
        .repartition(col("key"))
        .sortWithinPartitions(
            col("key"),
            col("place"),
            col("quality").desc_nulls_last(),
            col("length").desc(),
            col("doc_id"))
        .mapPartitions(firstOfEach(), Encoders.row(KEYS))
        .select("doc_id")
        .distinct();
  }

  private static MapPartitionsFunction<Row, Row> firstOfEach() {
    return rows ->
        new RowByRow(rows) {
          private long key;
          private int seen;

          @Override
          protected Row convert(Row row) {
            seen = row.getLong(0) == key ? seen + 1 : 1;
            key = row.getLong(0);
            return seen <= FIRST ? row : null;
          }
        };
  }

  /** One row a document and bucket. */
  private static final class Keys extends StreamOfRows {
    private final List<Deduplicator> deduplicators;

    Keys(List<Deduplicator> deduplicators, Iterator<Row> prints) {
      super(prints);
      this.deduplicators = deduplicators;
    }

    @Override
    void accept(Row row) {
      long part = row.<Long>getAs("part");
      for (int level = 0; level < deduplicators.size(); level++) {
        byte[] print = row.getAs(Fingerprints.print(level));
        if (print != null) {
          for (long key : deduplicators.get(level).buckets(print)) {
            long own = Mix.mix(key + level) ^ part;
            emit(
                RowFactory.create(
                    own,
                    row.getAs("place"),
                    row.getAs("quality"),
                    row.getAs("length"),
                    row.getAs("doc_id")));
          }
        }
      }
    }
  }
}
