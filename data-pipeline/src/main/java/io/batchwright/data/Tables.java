package io.batchwright.data;

import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;
import static org.apache.spark.sql.types.DataTypes.createMapType;
import static org.apache.spark.sql.types.DataTypes.createStructField;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The schemas of the tables that stages hand to each other; docs/tables.md explains each column.
 *
 * <p>Ids are strings in what users see, and dense BIGINTs, given after a deterministic sort,
 * inside.
 */
public final class Tables {
  private Tables() {}

  /** One text of the corpus; user columns follow the named ones. */
  public static final StructType DOCUMENTS =
      table(
          required("doc_id", StringType),
          required("source", StringType),
          required("text", StringType),
          optional("meta", createMapType(StringType, StringType, true)));

  /** A row that a stage left out on purpose; the last three are null where no survivor exists. */
  public static final StructType REMOVED =
      table(
          required("doc_id", StringType),
          required("source", StringType),
          required("stage", StringType),
          required("reason", StringType),
          optional("survivor_id", StringType),
          optional("similarity", DoubleType),
          optional("cluster_id", StringType));

  /** A row of input that could not be used: where it stands, why, and its first characters. */
  public static final StructType QUARANTINE =
      table(
          required("input_path", StringType),
          required("input_position", StringType),
          required("stage", StringType),
          required("reason", StringType),
          optional("excerpt", StringType));

  /**
   * A search query; {@code group_id} is what the bootstrap resamples; split is train, validation,
   * held_out or excluded.
   */
  public static final StructType QUERIES =
      table(
          required("query_id", StringType),
          required("query", StringType),
          required("source", StringType),
          optional("group_id", StringType),
          optional("split", StringType));

  /** Which documents answer a query; many rows a query. */
  public static final StructType QRELS =
      table(
          required("query_id", StringType),
          required("doc_id", StringType),
          required("relevance", IntegerType));

  /** One tokenized text. */
  public static final StructType TOKENS =
      table(
          required("text_id", LongType),
          required("tokens", createArrayType(IntegerType, false)),
          required("length", IntegerType),
          required("tokenizer_sha256", StringType));

  /**
   * The parts of a training sample: role (query, positive, negative), the text and its length in
   * tokens.
   */
  public static final StructType PART =
      table(
          required("role", StringType),
          required("text_id", LongType),
          required("length", IntegerType));

  /**
   * One training sample; samples with the same {@code equal_hash} are never negatives of each
   * other.
   */
  public static final StructType SAMPLES =
      table(
          required("sample", LongType),
          required("sample_id", StringType),
          required("source", StringType),
          required("parts", createArrayType(PART, false)),
          required("equal_hash", LongType));

  /** One embedding, ours or made elsewhere. */
  public static final StructType EMBEDDINGS =
      table(
          required("text_id", LongType),
          required("embedding", createArrayType(FloatType, false)),
          required("model_sha256", StringType));

  /** Ranked candidates of a query; negatives are a query over this table. */
  public static final StructType CANDIDATES =
      table(
          required("query_id", StringType),
          required("doc_id", StringType),
          required("rank", IntegerType),
          required("score", FloatType),
          required("miner", StringType));

  /** Where each sample is used: the batches, before they are bytes. */
  public static final StructType PLAN =
      table(
          required("epoch", IntegerType),
          required("step", LongType),
          required("position", IntegerType),
          required("sequence", IntegerType),
          required("sample", LongType),
          required("start", IntegerType),
          required("length", IntegerType),
          required("shape_id", IntegerType));

  /** Scored text pairs, the second kind of training row. */
  public static final StructType SCORED_PAIRS =
      table(
          required("text_a", StringType),
          required("text_b", StringType),
          required("score", FloatType));

  /** An empty table of {@code schema}. */
  public static Dataset<Row> empty(SparkSession spark, StructType schema) {
    return spark.createDataFrame(List.of(), schema);
  }

  private static StructType table(StructField... fields) {
    return new StructType(fields);
  }

  private static StructField required(String name, DataType type) {
    return createStructField(name, type, false);
  }

  private static StructField optional(String name, DataType type) {
    return createStructField(name, type, true);
  }
}
