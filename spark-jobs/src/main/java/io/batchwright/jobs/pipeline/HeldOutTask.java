package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;

import io.batchwright.jobs.run.StageContext;
import io.batchwright.train.evaluation.Ids;
import io.batchwright.train.evaluation.Qrels;
import io.batchwright.train.evaluation.RetrievalTask;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The retrieval tasks of a run, collected on the driver: texts of the corpus are held in memory
 * once, as Lucene needs them too.
 */
final class HeldOutTask {
  private final StageContext context;

  HeldOutTask(StageContext context) {
    this.context = context;
  }

  /**
   * Held-out queries against the whole deduplicated corpus, read from the text column {@code text}.
   */
  RetrievalTask heldOut(String text) {
    return task(context.read("documents"), text, "held_out");
  }

  /** Training queries against training documents: all that anything may be fitted on. */
  RetrievalTask training() {
    Dataset<Row> training =
        context.read("document_splits").where(col("split").equalTo("train")).select("doc_id");
    return task(context.read("documents").join(training, "doc_id"), "text", "train");
  }

  /** The source of each query. */
  Map<String, String> sources() {
    Map<String, String> sources = new HashMap<>();
    for (Row row :
        context
            .read("queries")
            .where(col("split").equalTo("held_out"))
            .select("query_id", "source")
            .collectAsList()) {
      sources.put(row.getString(0), row.getString(1));
    }
    return sources;
  }

  private RetrievalTask task(Dataset<Row> documents, String text, String split) {
    List<String> documentIds = new ArrayList<>();
    List<String> documentTexts = new ArrayList<>();
    for (Row row : documents.select("doc_id", text).orderBy("doc_id").collectAsList()) {
      documentIds.add(row.getString(0));
      documentTexts.add(row.isNullAt(1) ? "" : row.getString(1));
    }
    Ids ids = Ids.of(documentIds);
    Dataset<Row> judgements =
        context
            .read("qrels")
            .where(col("relevance").gt(0))
            .join(documents.select("doc_id"), "doc_id");
    Dataset<Row> queries =
        context
            .read("queries")
            .where(col("split").equalTo(split))
            .join(judgements, new String[] {"query_id"}, "left_semi");
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
