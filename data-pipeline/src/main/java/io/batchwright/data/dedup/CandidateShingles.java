package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * The second reading of the texts: the shingle sets of candidates only.
 *
 * <p>Few candidates go to every executor. Of many only a Bloom filter does, 10 bits each: what it
 * lets through is shingled where it is read, and then the sets travel, not the texts.
 */
final class CandidateShingles {
  /** What candidates bring along, then their packed shingle set. */
  static final StructType SCHEMA =
      new StructType()
          .add("component", DataTypes.LongType, false)
          .add("ordinal", DataTypes.LongType, false)
          .add("origin", DataTypes.LongType, false)
          .add("print", DataTypes.BinaryType, false)
          .add("shingles", DataTypes.BinaryType, false);

  private static final StructType BY_ID =
      new StructType()
          .add("id_high", DataTypes.LongType, false)
          .add("id_low", DataTypes.LongType, false)
          .add("shingles", DataTypes.BinaryType, false);

  private CandidateShingles() {}

  /**
   * Adds the shingles to {@code candidates} (component, ordinal, origin, print, doc_id, id_high,
   * id_low).
   *
   * @param count how many candidates there are
   */
  static Dataset<Row> of(
      Dataset<Row> documents, Dataset<Row> candidates, long count, Shingles shingles, Sizes sizes) {
    Dataset<Row> texts = documents.select("doc_id", "text");
    if (count <= sizes.broadcastRows()) {
      return texts
          .join(broadcast(candidates.drop("id_high", "id_low")), "doc_id")
          .select("component", "ordinal", "origin", "print", "text")
          .mapPartitions(shingling(shingles), Encoders.row(SCHEMA));
    }
    BloomFilter ids = candidates.stat().bloomFilter("id_low", count, 0.01);
    Broadcast<BloomFilter> shared =
        JavaSparkContext.fromSparkContext(documents.sparkSession().sparkContext()).broadcast(ids);
    return texts
        .mapPartitions(filtered(shared, shingles), Encoders.row(BY_ID))
        .join(candidates, new String[] {"id_high", "id_low"})
        .select(col("component"), col("ordinal"), col("origin"), col("print"), col("shingles"));
  }

  private static MapPartitionsFunction<Row, Row> shingling(Shingles shingles) {
    return rows -> {
      ShingleHasher hasher = shingles.hasher();
      return new RowByRow(rows) {
        @Override
        protected Row convert(Row row) {
          byte[] set = packed(hasher, row.getString(4));
          return RowFactory.create(row.get(0), row.get(1), row.get(2), row.get(3), set);
        }
      };
    };
  }

  private static MapPartitionsFunction<Row, Row> filtered(
      Broadcast<BloomFilter> ids, Shingles shingles) {
    return rows -> {
      ShingleHasher hasher = shingles.hasher();
      long[] id = new long[2];
      return new RowByRow(rows) {
        @Override
        protected Row convert(Row row) {
          Fingerprints.idHash(row.getString(0), id);
          return ids.value().mightContainLong(id[0])
              ? RowFactory.create(id[1], id[0], packed(hasher, row.getString(1)))
              : null;
        }
      };
    };
  }

  static byte[] packed(ShingleHasher hasher, String text) {
    hasher.hash(text);
    return Shingles.pack(hasher.hashes(), hasher.distinct());
  }
}
