package io.batchwright.data.dedup;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.technique.Paper;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Connected components by alternating star operations until nothing changes.
 *
 * <p>Large-star links each larger neighbour of a node to the least node of its neighbourhood;
 * small-star links each smaller one, and the node itself. Both keep the components and never make
 * more edges than nodes plus edges; O(log^2 n) rounds suffice and about log n are seen. Minima are
 * combined on the map side, so a node of a million neighbours is an aggregate, not a list.
 *
 * <p>Each step is kept in the {@link Workspace} until the next one stands.
 */
@Paper(
    title = "Connected Components in MapReduce and Beyond (Kiveris et al., SoCC 2014)",
    where = "Algorithms 1-3")
final class LargeStarSmallStar {
  private static final int MAX_ROUNDS = 100;

  private final Workspace workspace;

  LargeStarSmallStar(Workspace workspace) {
    this.workspace = workspace;
  }

  /** (node, root) of every node in {@code edges} (a, b). */
  Dataset<Row> components(Dataset<Row> edges) {
    Dataset<Row> current = workspace.keep(oriented(edges.select("a", "b")));
    Row before = fingerprint(current);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Dataset<Row> large = workspace.keep(largeStar(current));
      Dataset<Row> next = workspace.keep(smallStar(large));
      workspace.release(current);
      workspace.release(large);
      current = next;
      Row after = fingerprint(current);
      if (after.equals(before)) {
        return rooted(current);
      }
      before = after;
    }
    throw new IllegalStateException(
        "connected components did not settle in " + MAX_ROUNDS + " rounds");
  }

  /** Edges from the greater node {@code a} to the lesser {@code b}, once each. */
  private static Dataset<Row> oriented(Dataset<Row> edges) {
    return edges
        .where(col("a").notEqual(col("b")))
        .select(greatest(col("a"), col("b")).as("a"), least(col("a"), col("b")).as("b"))
        .distinct();
  }

  private static Dataset<Row> largeStar(Dataset<Row> edges) {
    Dataset<Row> both = edges.union(edges.select(col("b"), col("a")));
    Dataset<Row> minima =
        both.groupBy("a").agg(min("b").as("m")).select(col("a"), least(col("a"), col("m")).as("m"));
    return oriented(
        both.where(col("b").gt(col("a")))
            .join(minima, "a")
            .select(col("b").as("a"), col("m").as("b")));
  }

  private static Dataset<Row> smallStar(Dataset<Row> edges) {
    Dataset<Row> minima = edges.groupBy("a").agg(min("b").as("m"));
    Dataset<Row> neighbours = edges.join(minima, "a").select(col("b").as("a"), col("m").as("b"));
    return oriented(neighbours.union(minima.select(col("a"), col("m").as("b"))));
  }

  private static Dataset<Row> rooted(Dataset<Row> stars) {
    Dataset<Row> members = stars.select(col("a").as("node"), col("b").as("root"));
    Dataset<Row> roots = stars.select(col("b").as("node"), col("b").as("root")).distinct();
    return members.union(roots);
  }

  private static Row fingerprint(Dataset<Row> edges) {
    return edges
        .agg(
            count(lit(1)),
            coalesce(bit_xor(xxhash64(col("a"), col("b"))), lit(0L)),
            coalesce(bit_xor(xxhash64(col("b"), col("a"))), lit(0L)))
        .head();
  }
}
