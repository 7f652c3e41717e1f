package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.data.ledger.Removed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The tables of a corpus, selected from a committed {@link CorpusRows} table.
 *
 * <p>Ids are made unique here, over all sources together. Of rows with the same given id the first
 * (by path, then position) stays and the others are quarantined as {@code duplicate_id}. A derived
 * id that several rows share, because their texts are equal, gets {@code -2}, {@code -3}, ...
 *
 * @param documents {@link Tables#DOCUMENTS}, then the user's columns
 * @param queries {@link Tables#QUERIES}; the split is held_out where the input says so, else null
 * @param qrels {@link Tables#QRELS}
 * @param candidates {@link Tables#CANDIDATES}: the negatives that the input itself names, with
 *     miner {@code given} and score 0; empty for most sources
 * @param removed {@link Tables#REMOVED}
 * @param quarantine {@link Tables#QUARANTINE}
 */
public record CorpusTables(
    Dataset<Row> documents,
    Dataset<Row> queries,
    Dataset<Row> qrels,
    Dataset<Row> candidates,
    Dataset<Row> removed,
    Dataset<Row> quarantine) {

  private static final String STAGE = "corpus";

  /** The tables of {@code rows}; cheap where {@code rows} is a committed table. */
  public static CorpusTables of(Dataset<Row> rows) {
    Dataset<Row> documents = numbered(ofKind(rows, CorpusRows.DOCUMENT));
    Column first = col("occurrence").equalTo(1);
    Column derived = col("id_origin").equalTo(CorpusRows.DERIVED);
    Column shared = col("id_origin").equalTo(CorpusRows.SHARED);
    Column kept = first.or(derived);
    return new CorpusTables(
        documents
            .where(kept)
            .withColumn(
                "doc_id",
                when(first, col("doc_id"))
                    .otherwise(concat(col("doc_id"), lit("-"), col("occurrence"))))
            .select(documentColumns(rows.schema())),
        queries(rows),
        qrels(rows),
        candidates(rows),
        removed(ofKind(rows, CorpusRows.REMOVED))
            .union(
                removed(
                    documents
                        .where(kept.unary_$bang().and(shared))
                        .withColumn("reason", lit("repeated_passage")))),
        quarantine(ofKind(rows, CorpusRows.QUARANTINED))
            .union(
                quarantine(
                    documents
                        .where(kept.or(shared).unary_$bang())
                        .withColumn("reason", lit("duplicate_id"))
                        .withColumn("excerpt", col("doc_id")))));
  }

  /**
   * The account of the corpus stage, in documents: {@code in} counts the input records that
   * describe documents (lines, rows, or files) and every record that could not be read; {@code
   * expanded} counts the documents that records of many documents announced beyond one each.
   *
   * @param rows the committed {@link CorpusRows} table
   * @param committed the committed tables that {@link #of} selected from it
   */
  public static LedgerEntry ledger(Dataset<Row> rows, CorpusTables committed, double seconds) {
    Row totals =
        rows.agg(
                coalesce(sum("records"), lit(0L)).as("records"),
                coalesce(sum("expanded"), lit(0L)).as("expanded"))
            .first();
    return LedgerEntry.of(STAGE, totals.getLong(0), committed.documents().count())
        .with(reasons(committed.removed()), reasons(committed.quarantine()))
        .expandedBy(totals.getLong(1))
        .took(seconds);
  }

  private static Map<String, Long> reasons(Dataset<Row> table) {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row : table.groupBy("reason").agg(count(lit(1))).collectAsList()) {
      counts.put(row.getString(0), row.getLong(1));
    }
    return counts;
  }

  /**
   * Documents with their {@code occurrence} among those of the same id. Only rows whose id comes
   * again are shuffled with their texts.
   */
  private static Dataset<Row> numbered(Dataset<Row> documents) {
    Dataset<Row> repeatedIds =
        documents.groupBy("doc_id").agg(count(lit(1)).as("n")).where("n > 1").select("doc_id");
    Seq<String> id = CollectionConverters.asScala(List.of("doc_id")).toSeq();
    return documents
        .join(repeatedIds, id, "left_anti")
        .withColumn("occurrence", lit(1))
        .unionByName(
            documents
                .join(repeatedIds, id, "left_semi")
                .withColumn("occurrence", row_number().over(inInputOrder("doc_id"))));
  }

  private static WindowSpec inInputOrder(String id) {
    return Window.partitionBy(id).orderBy("input_path", "input_order", "input_position");
  }

  private static Column[] documentColumns(StructType schema) {
    List<Column> columns = new ArrayList<>();
    for (String name : Tables.DOCUMENTS.fieldNames()) {
      columns.add(col(name));
    }
    for (StructField field : schema.fields()) {
      if (!Arrays.asList(CorpusRows.SCHEMA.fieldNames()).contains(field.name())) {
        columns.add(col("`" + field.name() + "`"));
      }
    }
    return columns.toArray(Column[]::new);
  }

  private static Dataset<Row> queries(Dataset<Row> rows) {
    Dataset<Row> numbered =
        ofKind(rows, CorpusRows.QUERY)
            .withColumn("occurrence", row_number().over(inInputOrder("query_id")));
    Dataset<Row> splits =
        ofKind(rows, CorpusRows.JUDGEMENT)
            .where(col("split").isNotNull())
            .groupBy("query_id")
            .agg(min("split").as("split"));
    return numbered
        .where("occurrence = 1")
        .drop("split")
        .join(splits, new String[] {"query_id"}, "left_outer")
        .select("query_id", "query", "source", "group_id", "split");
  }

  private static Dataset<Row> qrels(Dataset<Row> rows) {
    return ofKind(rows, CorpusRows.JUDGEMENT)
        .groupBy("query_id", "doc_id")
        .agg(max("relevance").as("relevance"));
  }

  private static Dataset<Row> candidates(Dataset<Row> rows) {
    return ofKind(rows, CorpusRows.CANDIDATE)
        .groupBy("query_id", "doc_id")
        .agg(min("relevance").as("rank"))
        .withColumn("score", lit(0f))
        .withColumn("miner", lit("given"));
  }

  private static Dataset<Row> removed(Dataset<Row> rows) {
    return rows.select(Removed.columns(col("doc_id"), STAGE, col("reason")));
  }

  private static Dataset<Row> quarantine(Dataset<Row> rows) {
    return rows.select(
        col("input_path"),
        col("input_position"),
        lit(STAGE).as("stage"),
        col("reason"),
        col("excerpt"));
  }

  private static Dataset<Row> ofKind(Dataset<Row> rows, String kind) {
    return rows.where(col("kind").equalTo(kind));
  }
}
