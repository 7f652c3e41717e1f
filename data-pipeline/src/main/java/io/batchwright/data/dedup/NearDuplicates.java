package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.SortedMap;
import java.util.TreeMap;
import net.openhft.hashing.LongHashFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** One search of {@link MinHashLsh}: keys, buckets, verified pairs, components, survivors. */
final class NearDuplicates {
  private static final LongHashFunction SOURCE_SALT = LongHashFunction.xx3(11);
  private static final StructType KEYED =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("keys", DataTypes.createArrayType(DataTypes.LongType, false), false);
  private static final StructType SHINGLED =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("shingles", DataTypes.BinaryType, false);
  private static final StructType COMPARED =
      new StructType()
          .add("survivor", DataTypes.LongType, false)
          .add("ordinal", DataTypes.LongType, false)
          .add("similarity", DataTypes.DoubleType, true);

  private final MinHashLsh lsh;
  private final DuplicateSearch search;

  NearDuplicates(MinHashLsh lsh, DuplicateSearch search) {
    this.lsh = lsh;
    this.search = search;
  }

  Duplicates find() {
    Dataset<Row> open = keep(sharedBuckets(keep(memberships())));
    Dataset<Row> shingles = keep(shinglesOf(open.select("ordinal").distinct()));
    Dataset<Row> judged = keep(judge(open, shingles));
    Dataset<Row> pairs =
        judged.where(col("similarity").isNotNull()).select("anchor", "member").distinct();
    Dataset<Row> components =
        keep(ConnectedComponents.of(keep(pairs.toDF("a", "b")), search.workspace()));
    return new Duplicates(similarToSurvivor(components, shingles), figures(judged));
  }

  /** (key, ordinal): one row a document and band. */
  private Dataset<Row> memberships() {
    boolean perSource = search.scope() == Scope.PER_SOURCE;
    MapPartitionsFunction<Row, Row> keying = keying(lsh, perSource);
    return search
        .documents()
        .select("doc_id", "source", "text")
        .mapPartitions(keying, Encoders.row(KEYED))
        .join(search.roster().select("doc_id", "ordinal"), "doc_id")
        .select(explode(col("keys")).as("key"), col("ordinal"));
  }

  /**
   * (bucket, ordinal) of the buckets with company. Bands whose buckets have the same members are
   * one bucket: twins that agree in all bands meet once.
   */
  private static Dataset<Row> sharedBuckets(Dataset<Row> memberships) {
    Dataset<Row> shared =
        memberships
            .groupBy("key")
            .agg(
                count(lit(1)).as("members"),
                bit_xor(xxhash64(col("ordinal"))).as("one"),
                bit_xor(xxhash64(col("ordinal"), lit(1))).as("two"))
            .where(col("members").gt(1))
            .groupBy("members", "one", "two")
            .agg(min("key").as("key"))
            .select("key");
    return memberships.join(shared, "key").select(col("key").as("bucket"), col("ordinal"));
  }

  /** (ordinal, shingles) of the candidates only. */
  private Dataset<Row> shinglesOf(Dataset<Row> candidates) {
    Shingles scheme = lsh.shingles();
    Dataset<Row> named = keep(search.roster().join(candidates, "ordinal"));
    return search
        .documents()
        .select("doc_id", "text")
        .join(named.select("doc_id"), new String[] {"doc_id"}, "left_semi")
        .mapPartitions(shingling(scheme), Encoders.row(SHINGLED))
        .join(named.select("doc_id", "ordinal"), "doc_id")
        .select("ordinal", "shingles");
  }

  private Dataset<Row> judge(Dataset<Row> open, Dataset<Row> shingles) {
    return open.join(shingles, "ordinal")
        .select("bucket", "ordinal", "shingles")
        .repartition(col("bucket"))
        .sortWithinPartitions("bucket", "ordinal")
        .mapPartitions(
            new AnchorCascade(lsh.threshold(), lsh.anchorsPerBucket()),
            Encoders.row(AnchorCascade.JUDGED))
        .distinct();
  }

  /** Every member of a component but its survivor, with the exact similarity to the survivor. */
  private static Dataset<Row> similarToSurvivor(Dataset<Row> components, Dataset<Row> shingles) {
    Dataset<Row> left =
        components
            .where(col("node").notEqual(col("root")))
            .select(col("root").as("survivor"), col("node").as("ordinal"))
            .join(shingles, "ordinal")
            .withColumnRenamed("shingles", "own");
    Dataset<Row> survivors =
        shingles.select(col("ordinal").as("survivor"), col("shingles").as("theirs"));
    return left.join(survivors, "survivor")
        .select("survivor", "ordinal", "own", "theirs")
        .mapPartitions(comparing(), Encoders.row(COMPARED))
        .select("ordinal", "survivor", "similarity");
  }

  private static SortedMap<String, Long> figures(Dataset<Row> judged) {
    Column real = col("anchor").isNotNull();
    Row counts =
        judged
            .agg(
                count_if(real),
                count_if(col("similarity").isNotNull()),
                count_if(col("anchor").isNull()))
            .head();
    SortedMap<String, Long> figures = new TreeMap<>();
    figures.put("candidate_pairs", counts.getLong(0));
    figures.put("verified_pairs", counts.getLong(1));
    figures.put("beyond_cap", counts.getLong(2));
    return figures;
  }

  private static MapPartitionsFunction<Row, Row> keying(MinHashLsh lsh, boolean perSource) {
    return rows -> {
      Signer signer = lsh.scheme().signer();
      return new RowByRow(rows) {
        @Override
        Row convert(Row row) {
          if (!signer.sign(row.getString(2))) {
            return null;
          }
          long salt = perSource ? SOURCE_SALT.hashChars(row.getString(1)) : 0;
          long[] keys = SignatureScheme.bandKeys(signer.signature(), lsh.bands(), lsh.rows(), salt);
          return RowFactory.create(row.get(0), keys);
        }
      };
    };
  }

  private static MapPartitionsFunction<Row, Row> shingling(Shingles shingles) {
    return rows -> {
      ShingleHasher hasher = shingles.hasher();
      return new RowByRow(rows) {
        @Override
        Row convert(Row row) {
          long[] set = Shingles.distinct(hasher, row.getString(1));
          return RowFactory.create(row.get(0), Shingles.pack(set));
        }
      };
    };
  }

  private static MapPartitionsFunction<Row, Row> comparing() {
    return rows ->
        new RowByRow(rows) {
          @Override
          Row convert(Row row) {
            double similarity = Shingles.jaccard(row.<byte[]>getAs(2), row.<byte[]>getAs(3));
            return RowFactory.create(row.get(0), row.get(1), similarity);
          }
        };
  }

  private Dataset<Row> keep(Dataset<Row> table) {
    return search.workspace().keep(table);
  }
}
