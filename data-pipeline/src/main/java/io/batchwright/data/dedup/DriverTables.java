package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.LongFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The tables of a result of few decisions, made on the driver.
 *
 * @param decided (ordinal, survivor, similarity, level)
 * @param reasons by level
 * @param docId of an ordinal
 * @param source of an ordinal
 */
record DriverTables(
    List<Row> decided,
    List<String> reasons,
    LongFunction<String> docId,
    LongFunction<String> source) {
  private static final StructType CLUSTERS =
      new StructType()
          .add("doc_id", DataTypes.StringType, false)
          .add("cluster_id", DataTypes.StringType, false)
          .add("size", DataTypes.LongType, false);

  Deduplication deduplication(
      Dataset<Row> documents, SortedMap<String, Long> figures, Workspace workspace) {
    Map<Long, Long> others = new HashMap<>();
    decided.forEach(row -> others.merge(row.getLong(1), 1L, Long::sum));
    List<Row> removed = new ArrayList<>();
    List<Row> clusters = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (Row row : decided) {
      String id = docId.apply(row.getLong(0));
      String survivor = docId.apply(row.getLong(1));
      String reason = reasons.get(row.getInt(3));
      figures.merge("removed_" + reason, 1L, Long::sum);
      removed.add(
          RowFactory.create(
              id,
              source.apply(row.getLong(0)),
              DecisionTables.STAGE,
              reason,
              survivor,
              row.get(2),
              survivor));
      clusters.add(RowFactory.create(id, survivor, others.get(row.getLong(1)) + 1));
      ids.add(id);
    }
    others.forEach(
        (survivor, count) -> {
          String id = docId.apply(survivor);
          clusters.add(RowFactory.create(id, id, count + 1));
        });
    figures.put("clusters", (long) others.size());
    figures.put(
        "largest_cluster",
        others.values().stream().mapToLong(Long::longValue).max().orElse(-1) + 1);
    SparkSession spark = documents.sparkSession();
    return DecisionTables.result(
        without(documents, ids),
        spark.createDataFrame(removed, Tables.REMOVED),
        spark.createDataFrame(clusters, CLUSTERS),
        figures,
        workspace);
  }

  private static Dataset<Row> without(Dataset<Row> documents, List<String> ids) {
    if (ids.isEmpty()) {
      return documents;
    }
    Broadcast<IdIndex> shared =
        JavaSparkContext.fromSparkContext(documents.sparkSession().sparkContext())
            .broadcast(new IdIndex(ids));
    UDF1<String, Boolean> stays = id -> shared.value().find(id) < 0;
    return documents.where(functions.udf(stays, DataTypes.BooleanType).apply(col("doc_id")));
  }
}
