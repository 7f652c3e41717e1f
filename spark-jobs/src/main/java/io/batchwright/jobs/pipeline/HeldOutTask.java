package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;

import io.batchwright.train.evaluation.Ids;
import io.batchwright.train.evaluation.Qrels;
import io.batchwright.train.evaluation.RetrievalTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The retrieval tasks of a run, collected on the driver: texts of the corpus are held in memory
 * once, as Lucene needs them too.
 */
public final class HeldOutTask {
  private final Function<String, Dataset<Row>> tables;

  /** The tasks of a run whose committed tables {@code tables} reads. */
  public HeldOutTask(Function<String, Dataset<Row>> tables) {
    this.tables = tables;
  }

  /**
   * Held-out queries against the whole deduplicated corpus, read from the text column {@code text}.
   */
  public RetrievalTask heldOut(String text) {
    return task(tables.apply("documents"), text, split("held_out"));
  }

  /** Training queries against training documents: all that anything may be fitted on. */
  RetrievalTask training() {
    Dataset<Row> training =
        tables.apply("document_splits").where(col("split").equalTo("train")).select("doc_id");
    return task(tables.apply("documents").join(training, "doc_id"), "text", split("train"));
  }

  /** Every judged query against the whole corpus, whatever its split. */
  RetrievalTask judged() {
    return task(tables.apply("documents"), "text", tables.apply("queries"));
  }

  private Dataset<Row> split(String name) {
    return tables.apply("queries").where(col("split").equalTo(name));
  }

  /** The source of each query. */
  public Map<String, String> sources() {
    Map<String, String> sources = new HashMap<>();
    for (Row row : tables.apply("queries").select("query_id", "source").collectAsList()) {
      sources.put(row.getString(0), row.getString(1));
    }
    return sources;
  }

  private RetrievalTask task(Dataset<Row> documents, String text, Dataset<Row> asking) {
    List<String> documentIds = new ArrayList<>();
    List<String> documentTexts = new ArrayList<>();
    for (Row row : documents.select("doc_id", text).orderBy("doc_id").collectAsList()) {
      documentIds.add(row.getString(0));
      documentTexts.add(row.isNullAt(1) ? "" : row.getString(1));
    }
    Ids ids = Ids.of(documentIds);
    Dataset<Row> judgements =
        tables
            .apply("qrels")
            .where(col("relevance").gt(0))
            .join(documents.select("doc_id"), "doc_id");
    Dataset<Row> queries = asking.join(judgements, new String[] {"query_id"}, "left_semi");
    List<String> queryIds = new ArrayList<>();
    List<String> queryTexts = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    for (Row row :
        queries
            .select(
                col("query_id"),
                col("query"),
                coalesce(col("group_id"), col("query_id")).as("group_id"))
            .orderBy("query_id")
            .collectAsList()) {
      queryIds.add(row.getString(0));
      queryTexts.add(row.getString(1));
      groups.add(row.getString(2));
    }
    Ids asked = Ids.of(queryIds);
    Qrels.Builder qrels = Qrels.builder(asked, ids);
    for (Row row :
        judgements
            .join(queries.select("query_id"), "query_id")
            .select("query_id", "doc_id", "relevance")
            .collectAsList()) {
      qrels.add(row.getString(0), row.getString(1), row.getInt(2));
    }
    return new RetrievalTask(ids, documentTexts, asked, queryTexts, groups, qrels.build());
  }
}
