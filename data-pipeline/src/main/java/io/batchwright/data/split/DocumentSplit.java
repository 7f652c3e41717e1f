package io.batchwright.data.split;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.dedup.Workspace;
import io.batchwright.data.ledger.Removed;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Documents split for a language model, which learns from texts alone; close it once its tables are
 * committed.
 *
 * @param documents (doc_id, split) of every document: train, validation or excluded
 * @param removed the excluded ones, {@link io.batchwright.data.Tables#REMOVED}: training documents
 *     that are near-duplicates of one set aside ({@code leak_check})
 * @param leaks what the check found
 * @param workspace holds the intermediate tables
 */
public record DocumentSplit(
    Dataset<Row> documents, Dataset<Row> removed, LeakReport leaks, Workspace workspace)
    implements AutoCloseable {

  /**
   * Sets the recipe's {@code validationShare} of the documents aside, near-duplicates together; the
   * leak check runs now.
   */
  static DocumentSplit of(HeldOutSplit recipe, SplitInput input) {
    Workspace workspace = new Workspace();
    try {
      Dataset<Row> sided =
          workspace.keep(
              input
                  .documents()
                  .select("doc_id", "source", "text")
                  .join(
                      input.clusters().select("doc_id", "cluster_id"),
                      new String[] {"doc_id"},
                      "left_outer")
                  .withColumn(
                      "aside",
                      recipe.drawn(
                          "validation",
                          coalesce(col("cluster_id"), col("doc_id")),
                          recipe.validationShare())));
      Dataset<Row> aside = sided.where(col("aside"));
      Dataset<Row> training = sided.where(col("aside").equalTo(false));
      LeakCheck.Leaks leaks = recipe.leakCheck().find(training, aside, workspace);
      Dataset<Row> leaking = workspace.keep(leaks.pairs().select("doc_id").distinct());
      // Looks again, at what is left: the check must hold, not be assumed to.
      LeakCheck.Leaks remaining =
          recipe
              .leakCheck()
              .find(training.join(leaking, new String[] {"doc_id"}, "left_anti"), aside, workspace);
      Dataset<Row> split =
          sided
              .join(leaking.withColumn("hit", lit(true)), new String[] {"doc_id"}, "left_outer")
              .withColumn(
                  "split",
                  when(col("hit"), "excluded").when(col("aside"), "validation").otherwise("train"));
      LeakReport report =
          new LeakReport(
              leaks.trainDocuments(),
              leaks.heldOutDocuments(),
              leaks.comparedPairs(),
              leaks.nearPairs(),
              leaking.count(),
              remaining.nearPairs(),
              0);
      return new DocumentSplit(
          split.select("doc_id", "split"),
          split
              .where(col("split").equalTo("excluded"))
              .select(Removed.columns(col("doc_id"), "split", lit("leak_check"))),
          report,
          workspace);
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  /** Frees the intermediate tables. */
  @Override
  public void close() {
    workspace.close();
  }
}
