package io.batchwright.jobs.bench.dedup;

import static org.apache.spark.sql.functions.array_size;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.md5;
import static org.apache.spark.sql.functions.min;

import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.MinHashLSH;
import org.apache.spark.ml.feature.NGram;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * What Spark ships: MLlib's MinHashLSH and its approximate similarity join.
 *
 * <p>Set up in its favour. Equal texts are collapsed first, since its join makes all pairs of a
 * bucket. It has no bands, only tables of one hash each, so {@code tables} is the least number that
 * finds as many pairs at the threshold as our bands do: two find 0.96 at 0.8. The join carries ids
 * and vectors alone, its input is persisted, and a document goes if any lower id is similar, which
 * saves it the connected components.
 *
 * @param tables hash tables of the LSH
 * @param threshold the least similarity of a duplicate
 */
record MllibPeer(int tables, double threshold) implements Peer {
  private static final int FEATURES = 1 << 20;

  /** The least number of tables that finds the share {@code recall} of pairs at the threshold. */
  static MllibPeer reaching(double recall, double threshold) {
    return new MllibPeer(
        (int) Math.ceil(Math.log(1 - recall) / Math.log(1 - threshold)), threshold);
  }

  @Override
  public Dataset<Row> removed(Dataset<Row> documents) {
    Dataset<Row> first =
        documents
            .groupBy(md5(col("text").cast("binary")))
            .agg(min("doc_id").as("doc_id"))
            .select("doc_id");
    Dataset<Row> distinct = documents.join(first, new String[] {"doc_id"}, "left_semi");
    Dataset<Row> words =
        new RegexTokenizer()
            .setPattern("\\W+")
            .setInputCol("text")
            .setOutputCol("words")
            .transform(distinct);
    Dataset<Row> shingles =
        new NGram()
            .setN(PlainShingles.SIZE)
            .setInputCol("words")
            .setOutputCol("shingles")
            .transform(words)
            .where(array_size(col("shingles")).gt(0));
    Dataset<Row> vectors =
        new HashingTF()
            .setBinary(true)
            .setNumFeatures(FEATURES)
            .setInputCol("shingles")
            .setOutputCol("features")
            .transform(shingles)
            .select("doc_id", "features");
    MinHashLSH lsh =
        new MinHashLSH()
            .setNumHashTables(tables)
            .setSeed(1)
            .setInputCol("features")
            .setOutputCol("hashes");
    Dataset<Row> hashed =
        lsh.fit(vectors).transform(vectors).persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> near =
        lsh.fit(vectors)
            .approxSimilarityJoin(hashed, hashed, 1 - threshold + 1e-9)
            .where("datasetA.doc_id < datasetB.doc_id")
            .selectExpr("datasetB.doc_id as doc_id")
            .distinct();
    Dataset<Row> equal =
        documents.select("doc_id").join(first, new String[] {"doc_id"}, "left_anti");
    return equal.union(near);
  }
}
