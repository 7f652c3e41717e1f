package io.batchwright.data.dedup;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Connected components of an undirected graph whose nodes are BIGINTs; each is named by its least
 * node.
 *
 * <p>Three ways with one result, by size: up to {@link Sizes#driverEdges} edges a union-find over
 * primitive arrays on the driver; up to 2^28 documents {@link ForestInMemory}, one task with an int
 * a document outside the heap; above, the distributed {@link LargeStarSmallStar}. Edges come
 * contracted: each partition gives at most one a node.
 */
public final class ConnectedComponents {
  static final StructType SCHEMA =
      new StructType()
          .add("node", DataTypes.LongType, false)
          .add("root", DataTypes.LongType, false);

  private ConnectedComponents() {}

  /**
   * The component of each node that has an edge.
   *
   * @param edges (a, b); read more than once, so persisted or cheap
   * @return (node, root), where root is the least node of node's component
   */
  public static Dataset<Row> of(Dataset<Row> edges, Workspace workspace) {
    return of(edges, Long.MAX_VALUE, workspace, Sizes.ofThisHeap());
  }

  /**
   * The component of each node that has an edge.
   *
   * @param nodes nodes are at least 0 and below it
   */
  static Dataset<Row> of(Dataset<Row> edges, long nodes, Workspace workspace, Sizes sizes) {
    if (edges.count() <= sizes.driverEdges()) {
      return onDriver(edges);
    }
    return nodes <= sizes.forestDocuments()
        ? inOneTask(edges, nodes)
        : new LargeStarSmallStar(workspace).components(edges);
  }

  private static Dataset<Row> inOneTask(Dataset<Row> edges, long nodes) {
    return edges
        .select("a", "b")
        .coalesce(1)
        .mapPartitions(new ForestInMemory(nodes), Encoders.row(SCHEMA));
  }

  private static Dataset<Row> onDriver(Dataset<Row> edges) {
    UnionFind forest = new UnionFind();
    edges
        .select("a", "b")
        .collectAsList()
        .forEach(edge -> forest.unite(edge.getLong(0), edge.getLong(1)));
    return table(edges.sparkSession(), forest);
  }

  /** (node, root) of every node of {@code forest}. */
  static Dataset<Row> table(SparkSession spark, UnionFind forest) {
    List<Row> rows = new ArrayList<>(forest.size());
    for (int i = 0; i < forest.size(); i++) {
      rows.add(RowFactory.create(forest.node(i), forest.root(i)));
    }
    return spark.createDataset(rows, Encoders.row(SCHEMA));
  }
}
