package io.batchwright.data.dedup;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Connected components of an undirected graph whose nodes are BIGINTs; each is named by its least
 * node.
 *
 * <p>Up to {@link #DRIVER_EDGES} edges, a union-find over primitive arrays on the driver; above,
 * the distributed {@link LargeStarSmallStar}. Both give the same result.
 */
public final class ConnectedComponents {
  /** The most edges solved on the driver: 32 MB of arrays and about 200 MB of rows. */
  public static final long DRIVER_EDGES = 1_000_000;

  private static final StructType SCHEMA =
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
    return of(edges, workspace, DRIVER_EDGES);
  }

  static Dataset<Row> of(Dataset<Row> edges, Workspace workspace, long driverEdges) {
    return edges.count() <= driverEdges
        ? onDriver(edges)
        : new LargeStarSmallStar(workspace).components(edges);
  }

  private static Dataset<Row> onDriver(Dataset<Row> edges) {
    List<Row> collected = edges.select("a", "b").collectAsList();
    UnionFind forest = new UnionFind();
    collected.forEach(edge -> forest.unite(edge.getLong(0), edge.getLong(1)));
    List<Row> rows = new ArrayList<>(forest.size());
    for (int i = 0; i < forest.size(); i++) {
      rows.add(RowFactory.create(forest.node(i), forest.root(i)));
    }
    return edges.sparkSession().createDataset(rows, Encoders.row(SCHEMA));
  }
}
