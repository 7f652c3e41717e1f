package io.batchwright.data.dedup.index;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.negative;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.dedup.BloomKeys;
import io.batchwright.data.dedup.CompactShingles;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.Fingerprints;
import io.batchwright.data.dedup.Measure;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.RowByRow;
import io.batchwright.data.dedup.Scope;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.dedup.Workspace;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Finds the documents of a snapshot that an index already represents.
 *
 * <p>Cost: the new documents are hashed; of the index, numbers and band keys are scanned (8 bytes a
 * band), but only keys that a Bloom filter of the new ones lets through are shuffled (1 % and the
 * true matches); stored shingle sets are read for candidates only, from files whose range of
 * numbers holds one.
 *
 * <p>A document that several entries represent is matched with the most similar one, then the one
 * that entered first.
 */
final class IndexMatches {
  private static final long MOST_BLOOM_KEYS = 100_000_000;
  private static final double FALSE_POSITIVES = 0.01;
  private static final String[] ID = {"id_high", "id_low"};
  private static final StructType SETS =
      new StructType()
          .add("id_high", DataTypes.LongType, false)
          .add("id_low", DataTypes.LongType, false)
          .add("own_source", DataTypes.StringType, false)
          .add("own", DataTypes.BinaryType, false);
  private static final StructType VERIFIED =
      new StructType()
          .add("id_high", DataTypes.LongType, false)
          .add("id_low", DataTypes.LongType, false)
          .add("number", DataTypes.LongType, false)
          .add("survivor_id", DataTypes.StringType, false)
          .add("survivor_snapshot", DataTypes.StringType, false)
          .add("similarity", DataTypes.DoubleType, false);

  private final Deduplicate recipe;
  private final Dataset<Row> documents;
  private final Dataset<Row> prints;
  private final Dataset<Row> survivors;
  private final Workspace workspace;
  private final SortedMap<String, Long> figures = new TreeMap<>();

  /**
   * A search.
   *
   * @param documents (doc_id, source, text)
   * @param prints their {@link Fingerprints}, computed already
   * @param survivors the index's entries in state survivor
   */
  IndexMatches(
      Deduplicate recipe,
      Dataset<Row> documents,
      Dataset<Row> prints,
      Dataset<Row> survivors,
      Workspace workspace) {
    this.recipe = recipe;
    this.documents = documents;
    this.prints = prints;
    this.survivors = survivors;
    this.workspace = workspace;
  }

  /** (doc_id, source, reason, survivor_id, survivor_snapshot, similarity), computed. */
  Dataset<Row> find() {
    Dataset<Row> exact = workspace.keep(exact());
    Optional<MinHashLsh> lsh = lsh(recipe);
    Dataset<Row> all = exact.withColumn("reason", lit("exact_duplicate_in_index"));
    if (lsh.isPresent()) {
      Dataset<Row> open = prints.join(exact.select(ID[0], ID[1]), ID, "left_anti");
      all =
          all.unionByName(
              near(lsh.get(), open).withColumn("reason", lit("near_duplicate_in_index")));
    }
    return workspace.keep(
        all.join(prints.select("id_high", "id_low", "doc_id", "source"), ID)
            .select(
                "doc_id", "source", "reason", "survivor_id", "survivor_snapshot", "similarity"));
  }

  /** candidate_pairs, verified_pairs, beyond_cap. */
  SortedMap<String, Long> figures() {
    return figures;
  }

  static Optional<MinHashLsh> lsh(Deduplicate recipe) {
    return recipe.deduplicators().stream()
        .filter(MinHashLsh.class::isInstance)
        .map(MinHashLsh.class::cast)
        .findFirst();
  }

  static String print(Deduplicate recipe, Class<?> level) {
    for (int i = 0; i < recipe.deduplicators().size(); i++) {
      if (level.isInstance(recipe.deduplicators().get(i))) {
        return Fingerprints.print(i);
      }
    }
    throw new IllegalStateException("no " + level.getSimpleName());
  }

  private Dataset<Row> exact() {
    Dataset<Row> fresh =
        prints.select(
            col("id_high"),
            col("id_low"),
            col("source").as("own_source"),
            col(print(recipe, ExactHash.class)).as("content"));
    FilterFunction<Row> known =
        new BloomKeys(
            fresh.select(xxhash64(col("content")).as("key")), MOST_BLOOM_KEYS, FALSE_POSITIVES);
    Dataset<Row> entries =
        survivors
            .select(
                xxhash64(col("content")).as("key"),
                col("content"),
                col("number"),
                col("doc_id").as("survivor_id"),
                col("source"),
                col("snapshot").as("survivor_snapshot"))
            .filter(known)
            .drop("key");
    return best(
        fresh
            .join(entries, "content")
            .where(inScope(col("own_source"), col("source")))
            .withColumn("similarity", lit(1.0)));
  }

  private Dataset<Row> near(MinHashLsh lsh, Dataset<Row> open) {
    String print = print(recipe, MinHashLsh.class);
    boolean salted = recipe.scope() == Scope.PER_SOURCE;
    Dataset<Row> keys =
        workspace.keep(
            open.where(col(print).isNotNull())
                .select(col(print), col("source"), col("id_high"), col("id_low"))
                .mapPartitions(IndexKeys.fresh(salted), Encoders.row(IndexKeys.SCHEMA)));
    FilterFunction<Row> known = new BloomKeys(keys, MOST_BLOOM_KEYS, FALSE_POSITIVES);
    Dataset<Row> old =
        survivors
            .where(col("bands").isNotNull())
            .select("bands", "source", "number")
            .mapPartitions(IndexKeys.stored(salted), Encoders.row(IndexKeys.SCHEMA))
            .filter(known);
    Dataset<Row> met =
        workspace.keep(
            keys.union(old)
                .repartition(col("key"))
                .sortWithinPartitions("key", "fresh", "number")
                .mapPartitions(
                    new IndexBuckets(lsh.anchorsPerBucket()), Encoders.row(IndexBuckets.SCHEMA))
                .distinct());
    figures.put("index_beyond_cap", met.where(col("number").isNull()).count());
    Dataset<Row> pairs = met.where(col("number").isNotNull());
    figures.put("index_candidate_pairs", pairs.count());
    Dataset<Row> verified = workspace.keep(verified(lsh, pairs));
    figures.put("index_verified_pairs", verified.count());
    return best(verified);
  }

  private Dataset<Row> verified(MinHashLsh lsh, Dataset<Row> pairs) {
    Dataset<Row> candidates =
        prints
            .select("id_high", "id_low", "doc_id", "source")
            .join(pairs.select(ID[0], ID[1]).distinct(), ID, "left_semi")
            .withColumnRenamed("source", "own_source");
    Dataset<Row> own =
        documents
            .select("doc_id", "text")
            .join(candidates, "doc_id")
            .select("id_high", "id_low", "own_source", "text")
            .mapPartitions(sets(lsh.shingles()), Encoders.row(SETS));
    Dataset<Row> stored =
        survivors
            .select(
                col("number"),
                col("doc_id").as("survivor_id"),
                col("source"),
                col("snapshot").as("survivor_snapshot"),
                col("shingles"))
            .join(pairs.select("number").distinct(), new String[] {"number"}, "left_semi");
    return pairs
        .join(own, ID)
        .join(stored, "number")
        .where(inScope(col("own_source"), col("source")))
        .select(
            "id_high", "id_low", "number", "survivor_id", "survivor_snapshot", "own", "shingles")
        .mapPartitions(comparing(lsh), Encoders.row(VERIFIED));
  }

  private static MapPartitionsFunction<Row, Row> sets(Shingles shingles) {
    return rows -> {
      var hasher = shingles.hasher();
      return RowByRow.of(
          rows,
          row ->
              RowFactory.create(
                  row.get(0),
                  row.get(1),
                  row.get(2),
                  CompactShingles.of(hasher, row.getString(3))));
    };
  }

  private static MapPartitionsFunction<Row, Row> comparing(MinHashLsh lsh) {
    return rows ->
        RowByRow.of(
            rows,
            row -> {
              double similarity = similarity(lsh, row.getAs(5), row.getAs(6));
              return similarity >= lsh.threshold()
                  ? RowFactory.create(
                      row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), similarity)
                  : null;
            });
  }

  /** The similarity where it reaches the threshold, else less. */
  private static double similarity(MinHashLsh lsh, byte[] own, byte[] stored) {
    if (lsh.measure() == Measure.JACCARD) {
      return CompactShingles.jaccardFrom(own, stored, lsh.threshold());
    }
    // The share of the new document's shingles that the stored one holds.
    double size = CompactShingles.size(own);
    double both = size + CompactShingles.size(stored);
    double jaccard = CompactShingles.jaccard(own, stored);
    return size == 0 ? (both == 0 ? 1 : 0) : Math.rint(jaccard * both / (1 + jaccard)) / size;
  }

  private Column inScope(Column own, Column other) {
    return switch (recipe.scope()) {
      case GLOBAL -> lit(true);
      case PER_SOURCE -> own.equalTo(other);
      case ACROSS_SOURCES -> own.notEqual(other);
      case PER_SNAPSHOT -> lit(false);
    };
  }

  private static Dataset<Row> best(Dataset<Row> matches) {
    return matches
        .groupBy("id_high", "id_low")
        .agg(
            min(struct(
                    negative(col("similarity")).as("distance"),
                    col("number"),
                    col("survivor_id"),
                    col("survivor_snapshot")))
                .as("best"))
        .select(
            col("id_high"),
            col("id_low"),
            col("best.survivor_id"),
            col("best.survivor_snapshot"),
            negative(col("best.distance")).as("similarity"));
  }

  /** Names of columns that outputs share. */
  static final List<String> COLUMNS =
      List.of("doc_id", "source", "reason", "survivor_id", "survivor_snapshot", "similarity");
}
