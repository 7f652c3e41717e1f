package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import io.batchwright.data.Tables;
import io.batchwright.data.ledger.Outcome;
import io.batchwright.data.ledger.Removed;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * The tables of a result, from decisions on ordinals.
 *
 * <p>Few decisions become tables on the driver, by one reading of the fingerprints. Many are joined
 * on executors by ordinal; and what is kept is then told by a Bloom filter of the removed and the
 * few kept documents that it takes for removed, so that no text travels either way.
 */
final class DecisionTables {
  static final String STAGE = "duplicates";
  private final Dataset<Row> documents;
  private final Dataset<Row> roster;
  private final Dataset<Row> decisions;
  private final long decided;
  private final Sizes sizes;
  private final Workspace workspace;

  /**
   * @param decisions (ordinal, survivor, similarity, level); computed already
   * @param decided their number
   */
  DecisionTables(
      Dataset<Row> documents,
      Dataset<Row> roster,
      Dataset<Row> decisions,
      long decided,
      Sizes sizes,
      Workspace workspace) {
    this.documents = documents;
    this.roster = roster;
    this.decisions = decisions;
    this.decided = decided;
    this.sizes = sizes;
    this.workspace = workspace;
  }

  Deduplication deduplication(Deduplicate recipe, SortedMap<String, Long> figures) {
    List<String> reasons = recipe.reasons(figures, decided);
    return decided <= sizes.broadcastRows()
        ? onDriver(reasons, figures)
        : onExecutors(reasons, figures);
  }

  private Deduplication onDriver(List<String> reasons, SortedMap<String, Long> figures) {
    List<Row> rows = decisions.select("ordinal", "survivor", "similarity", "level").collectAsList();
    Map<Long, Row> named =
        named(
            rows.stream()
                .flatMapToLong(row -> LongStream.of(row.getLong(0), row.getLong(1)))
                .sorted()
                .distinct()
                .toArray());
    return new DriverTables(
            rows,
            reasons,
            ordinal -> named.get(ordinal).getString(1),
            ordinal -> named.get(ordinal).getString(2))
        .deduplication(documents, figures, workspace);
  }

  /** (ordinal, doc_id, source) of some documents. */
  private Map<Long, Row> named(long[] wanted) {
    Broadcast<long[]> shared =
        JavaSparkContext.fromSparkContext(spark().sparkContext()).broadcast(wanted);
    FilterFunction<Row> among = row -> Arrays.binarySearch(shared.value(), row.getLong(0)) >= 0;
    Map<Long, Row> named = new HashMap<>();
    if (wanted.length > 0) {
      roster
          .select("ordinal", "doc_id", "source")
          .filter(among)
          .collectAsList()
          .forEach(row -> named.put(row.getLong(0), row));
    }
    shared.unpersist();
    return named;
  }

  private Deduplication onExecutors(List<String> reasons, SortedMap<String, Long> figures) {
    Column reason = functions.array(reasons.stream().map(functions::lit).toArray(Column[]::new));
    Column[] columns = Removed.duplicates(STAGE, reason.getItem(col("level")));
    columns = Arrays.copyOf(columns, columns.length + 1);
    columns[columns.length - 1] = col("id_low"); // for the filter of what is kept
    Dataset<Row> named = roster.select("ordinal", "doc_id", "source", "id_low");
    Dataset<Row> removed =
        workspace.keep(
            decisions
                .join(named, "ordinal")
                .join(
                    roster.select(col("ordinal").as("survivor"), col("doc_id").as("survivor_id")),
                    "survivor")
                .select(columns));
    Dataset<Row> counted =
        workspace.keep(removed.groupBy("cluster_id").agg(count(lit(1)).plus(1).as("size")));
    Dataset<Row> members =
        removed
            .select("doc_id", "cluster_id")
            .union(counted.select(col("cluster_id").as("doc_id"), col("cluster_id")));
    Row summary = counted.agg(count(lit(1)), coalesce(max("size"), lit(0L))).head();
    figures.put("clusters", summary.getLong(0));
    figures.put("largest_cluster", summary.getLong(1));
    removed
        .groupBy("reason")
        .count()
        .collectAsList()
        .forEach(row -> figures.put("removed_" + row.getString(0), row.getLong(1)));
    return result(
        notAmong(removed),
        removed.drop("id_low"),
        members.join(counted, "cluster_id").select("doc_id", "cluster_id", "size"),
        figures,
        workspace);
  }

  private Dataset<Row> notAmong(Dataset<Row> removed) {
    BloomFilter filter = removed.stat().bloomFilter("id_low", decided, 1e-4);
    Broadcast<BloomFilter> shared =
        JavaSparkContext.fromSparkContext(spark().sparkContext()).broadcast(filter);
    UDF1<String, Boolean> among =
        docId -> {
          long[] halves = new long[2];
          Fingerprints.idHash(docId, halves);
          return shared.value().mightContainLong(halves[0]);
        };
    UserDefinedFunction taken = functions.udf(among, DataTypes.BooleanType);
    Dataset<Row> mistaken =
        workspace.keep(
            roster
                .select("doc_id", "ordinal")
                .where(taken.apply(col("doc_id")))
                .join(decisions.select("ordinal"), new String[] {"ordinal"}, "left_anti")
                .select(col("doc_id"), lit(true).as("mistaken")));
    Column[] columns =
        Arrays.stream(documents.columns())
            .map(name -> col("`" + name + "`"))
            .toArray(Column[]::new);
    return documents
        .join(broadcast(mistaken), new String[] {"doc_id"}, "left_outer")
        .where(functions.not(taken.apply(col("doc_id"))).or(col("mistaken").isNotNull()))
        .select(columns);
  }

  static Deduplication result(
      Dataset<Row> kept,
      Dataset<Row> removed,
      Dataset<Row> clusters,
      SortedMap<String, Long> figures,
      Workspace workspace) {
    Dataset<Row> quarantined = Tables.empty(kept.sparkSession(), Tables.QUARANTINE);
    return new Deduplication(new Outcome(kept, removed, quarantined), clusters, figures, workspace);
  }

  private SparkSession spark() {
    return documents.sparkSession();
  }
}
