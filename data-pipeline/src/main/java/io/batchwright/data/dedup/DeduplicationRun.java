package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.when;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.Outcome;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;

/** One run of a {@link Deduplicate} recipe: roster, each deduplicator in turn, the tables. */
final class DeduplicationRun {
  private static final String STAGE = "duplicates";

  private final Deduplicate recipe;
  private final Dataset<Row> documents;
  private final Workspace workspace = new Workspace();
  private final SortedMap<String, Long> figures = new TreeMap<>();

  private DeduplicationRun(Deduplicate recipe, Dataset<Row> documents) {
    this.recipe = recipe;
    this.documents = documents;
  }

  static Deduplication of(Deduplicate recipe, Dataset<Row> documents) {
    DeduplicationRun run = new DeduplicationRun(recipe, documents);
    try {
      return run.run();
    } catch (RuntimeException e) {
      run.workspace.close();
      throw e;
    }
  }

  private Deduplication run() {
    Dataset<Row> roster =
        workspace.keep(Fingerprints.ordered(workspace.keep(Fingerprints.of(recipe, documents))));
    Fingerprints.requireDistinctIds(roster);
    long total = roster.count();
    figures.put("documents", total);
    Dataset<Row> decisions = null;
    for (int level = 0; level < recipe.deduplicators().size(); level++) {
      Deduplicator deduplicator = recipe.deduplicators().get(level);
      Dataset<Row> remaining = decisions == null ? roster : without(roster, decisions);
      Dataset<Row> searched = remaining.withColumn("print", col(Fingerprints.print(level)));
      Duplicates found =
          deduplicator.find(
              new DuplicateSearch(documents, searched, total, recipe.scope(), workspace));
      Dataset<Row> news =
          workspace.keep(found.table().withColumn("reason", lit(deduplicator.reason())));
      found.figures().forEach((name, value) -> figures.merge(name, value, Long::sum));
      figures.merge("removed_" + deduplicator.reason(), news.count(), Long::sum);
      decisions = decisions == null ? news : workspace.keep(chained(decisions, news).union(news));
    }
    return tables(roster, decisions);
  }

  private static Dataset<Row> without(Dataset<Row> roster, Dataset<Row> decisions) {
    return roster.join(
        broadcast(decisions.select("ordinal")), new String[] {"ordinal"}, "left_anti");
  }

  /**
   * Earlier decisions, led on to the survivor's own survivor. The similarity goes along where the
   * earlier pair was equal, since equal texts have equal shingles; else it is unknown.
   */
  private static Dataset<Row> chained(Dataset<Row> earlier, Dataset<Row> later) {
    Dataset<Row> next =
        later.select(
            col("ordinal").as("survivor"),
            col("survivor").as("next"),
            col("similarity").as("next_similarity"));
    return earlier
        .join(next, new String[] {"survivor"}, "left_outer")
        .select(
            col("ordinal"),
            coalesce(col("next"), col("survivor")).as("survivor"),
            when(col("next").isNull(), col("similarity"))
                .when(col("similarity").equalTo(1.0), col("next_similarity"))
                .as("similarity"),
            col("reason"));
  }

  private Deduplication tables(Dataset<Row> roster, Dataset<Row> decisions) {
    Dataset<Row> survivors =
        roster.select(col("ordinal").as("survivor"), col("doc_id").as("survivor_id"));
    Dataset<Row> removed =
        workspace.keep(
            decisions
                .join(roster, "ordinal")
                .join(survivors, "survivor")
                .select(
                    col("doc_id"),
                    col("source"),
                    lit(STAGE).as("stage"),
                    col("reason"),
                    col("survivor_id"),
                    col("similarity").cast(DataTypes.DoubleType),
                    col("survivor_id").as("cluster_id")));
    Dataset<Row> sizes =
        workspace.keep(removed.groupBy("cluster_id").agg(count(lit(1)).plus(1).as("size")));
    Dataset<Row> members =
        removed
            .select("doc_id", "cluster_id")
            .union(sizes.select(col("cluster_id").as("doc_id"), col("cluster_id")));
    Dataset<Row> clusters =
        members.join(sizes, "cluster_id").select("doc_id", "cluster_id", "size");
    Row summary = sizes.agg(count(lit(1)), coalesce(max("size"), lit(0L))).head();
    figures.put("clusters", summary.getLong(0));
    figures.put("largest_cluster", summary.getLong(1));
    figures.put("removed", removed.count());
    Dataset<Row> kept =
        documents.join(removed.select("doc_id"), new String[] {"doc_id"}, "left_anti");
    Dataset<Row> quarantined = Tables.empty(documents.sparkSession(), Tables.QUARANTINE);
    return new Deduplication(
        new Outcome(kept.select(documents.columns()[0], rest(documents)), removed, quarantined),
        clusters,
        figures,
        workspace);
  }

  private static String[] rest(Dataset<Row> table) {
    String[] names = table.columns();
    return Arrays.copyOfRange(names, 1, names.length);
  }
}
