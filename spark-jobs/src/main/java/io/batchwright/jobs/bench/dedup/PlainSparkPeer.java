package io.batchwright.jobs.bench.dedup;

import static org.apache.spark.sql.functions.any_value;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.md5;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.udf;

import com.dynatrace.hash4j.hashing.Hashing;
import com.dynatrace.hash4j.similarity.ElementHashProvider;
import com.dynatrace.hash4j.similarity.SimilarityHashPolicy;
import com.dynatrace.hash4j.similarity.SimilarityHashing;
import io.batchwright.data.dedup.Shingles;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;
import scala.collection.Seq;

/**
 * What a good Spark user writes in an afternoon: hash4j signatures, bands, a join, exact
 * verification of the candidates alone, components by iterated least labels; equal texts collapsed
 * first, everything reused persisted.
 *
 * @param threshold the least similarity of a duplicate
 */
record PlainSparkPeer(double threshold) implements Peer {
  private static final int BANDS = 16;
  private static final int ROWS = 8;
  private static final SimilarityHashPolicy SIGNATURE =
      SimilarityHashing.superMinHash(BANDS * ROWS, 32);
  private static final DataType LONGS = DataTypes.createArrayType(DataTypes.LongType, false);
  private static final UserDefinedFunction BAND_KEYS =
      udf((UDF1<String, long[]>) PlainSparkPeer::bandKeys, LONGS);
  private static final UserDefinedFunction SHINGLES =
      udf((UDF1<String, long[]>) PlainSparkPeer::shingles, LONGS);
  private static final UserDefinedFunction JACCARD =
      udf((UDF2<Seq<Long>, Seq<Long>, Double>) PlainSparkPeer::jaccard, DataTypes.DoubleType);

  @Override
  public Dataset<Row> removed(Dataset<Row> documents) {
    Dataset<Row> distinct =
        documents
            .select(
                col("doc_id").as("id"),
                md5(col("text").cast("binary")).as("hash"),
                BAND_KEYS.apply(col("text")).as("keys"))
            .groupBy("hash")
            .agg(min("id").as("id"), any_value(col("keys")).as("keys"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> bands =
        distinct.select(col("id"), posexplode(col("keys")).as(new String[] {"band", "key"}));
    Dataset<Row> candidates =
        bands
            .as("x")
            .join(
                bands.as("y"),
                col("x.band")
                    .equalTo(col("y.band"))
                    .and(col("x.key").equalTo(col("y.key")))
                    .and(col("x.id").lt(col("y.id"))))
            .select(col("x.id").as("a"), col("y.id").as("b"))
            .distinct()
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> ids = candidates.select("a").union(candidates.select("b")).distinct().toDF("id");
    Dataset<Row> sets =
        documents
            .withColumnRenamed("doc_id", "id")
            .join(ids, new String[] {"id"}, "left_semi")
            .select(col("id"), SHINGLES.apply(col("text")).as("set"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> pairs =
        candidates
            .join(sets.toDF("a", "left"), "a")
            .join(sets.toDF("b", "right"), "b")
            .where(JACCARD.apply(col("left"), col("right")).geq(threshold))
            .select("a", "b")
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> both = pairs.union(pairs.select("b", "a")).toDF("id", "other").persist();
    Dataset<Row> labels = both.groupBy("id").agg(least(col("id"), min("other")).as("label"));
    for (long changed = 1; changed > 0; ) {
      Dataset<Row> old = labels.localCheckpoint();
      labels =
          both.join(old.toDF("other", "theirs"), "other")
              .groupBy("id")
              .agg(min("theirs").as("theirs"))
              .join(old, "id")
              .select(col("id"), least(col("label"), col("theirs")).as("label"));
      changed = labels.join(old.toDF("id", "before"), "id").where("label < before").count();
    }
    Dataset<Row> equal =
        documents
            .select("doc_id")
            .join(distinct.select(col("id").as("doc_id")), new String[] {"doc_id"}, "left_anti");
    return equal.union(labels.where("id <> label").select(col("id").as("doc_id")));
  }

  private static long[] shingles(String text) {
    String[] words = text.toLowerCase(Locale.ROOT).split("\\W+");
    int size = PlainShingles.SIZE;
    return LongStream.range(0, Math.max(1, words.length - size + 1))
        .map(
            i ->
                Hashing.komihash5_0()
                    .hashCharsToLong(
                        String.join(
                            " ",
                            Arrays.copyOfRange(
                                words, (int) i, (int) Math.min(i + size, words.length)))))
        .distinct()
        .sorted()
        .toArray();
  }

  private static long[] bandKeys(String text) {
    byte[] signature =
        SIGNATURE.createHasher().compute(ElementHashProvider.ofValues(shingles(text)));
    return LongStream.range(0, BANDS)
        .map(
            band ->
                Hashing.komihash5_0().hashBytesToLong(signature, (int) band * ROWS * 4, ROWS * 4))
        .toArray();
  }

  private static double jaccard(Seq<Long> a, Seq<Long> b) {
    return Shingles.jaccard(longs(a), longs(b));
  }

  private static long[] longs(Seq<Long> values) {
    long[] array = new long[values.length()];
    for (int i = 0; i < array.length; i++) {
      array[i] = (Long) values.apply(i);
    }
    return array;
  }
}
