package io.batchwright.jobs.mine;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import io.batchwright.data.cluster.BalancedTwoMeans;
import io.batchwright.data.cluster.KMeans;
import io.batchwright.data.search.EmbeddingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How large clusters are, to read before training: the lists of an approximate search, and clusters
 * of queries as batch policies would make them. Those of {@code Ngame} follow from their number;
 * for {@code Tas} k-means looks at no more than {@value #MOST} queries, with a cluster for {@value
 * #PER_CLUSTER} of them.
 */
final class MinedClusters {
  /** {@code kind, cluster, members}. */
  static final String TABLE = "cluster_sizes";

  static final int MOST = 10_000;
  static final int PER_CLUSTER = 200;

  private static final StructType SCHEMA =
      new StructType()
          .add("kind", DataTypes.StringType, false)
          .add("cluster", DataTypes.IntegerType, false)
          .add("members", DataTypes.LongType, false);
  private static final String LISTS = "documents in the lists of the search";
  private static final String QUERIES = "queries by k-means, as for Tas";
  private static final int ITERATIONS = 10;
  private static final int[] NOMINAL = {4, 16, 64};

  private MinedClusters() {}

  /** No clusters, of a search that looks at no vectors. */
  static Dataset<Row> none(SparkSession spark) {
    return spark.createDataFrame(List.<Row>of(), SCHEMA);
  }

  /**
   * The table.
   *
   * @param lists documents of each list, empty where the search is exact
   */
  static Dataset<Row> of(EmbeddingTable queries, Optional<long[]> lists, long seed) {
    List<Row> rows = new ArrayList<>();
    lists.ifPresent(sizes -> add(rows, LISTS, sizes));
    if (queries.count() >= 2 * PER_CLUSTER) {
      add(rows, QUERIES, byKMeans(queries, seed));
    }
    return queries.rows().sparkSession().createDataFrame(rows, SCHEMA);
  }

  private static void add(List<Row> rows, String kind, long[] sizes) {
    for (int cluster = 0; cluster < sizes.length; cluster++) {
      rows.add(RowFactory.create(kind, cluster, sizes[cluster]));
    }
  }

  private static long[] byKMeans(EmbeddingTable queries, long seed) {
    Dataset<Row> some =
        queries.rows().orderBy(xxhash64(col("id")), col("id")).limit(MOST).persist();
    try {
      int clusters = (int) (Math.min(queries.count(), MOST) / PER_CLUSTER);
      KMeans kMeans = new KMeans(clusters, ITERATIONS, false, seed);
      return kMeans
          .assigned(some, "embedding", kMeans.centres(some, "id", "embedding"), "cluster")
          .groupBy("cluster")
          .count()
          .orderBy("cluster")
          .collectAsList()
          .stream()
          .mapToLong(row -> row.getLong(1))
          .toArray();
    } finally {
      some.unpersist();
    }
  }

  /**
   * The section of mined.md.
   *
   * @param sizes the table, empty where a run that searched before has none
   * @param queries that are mined for
   */
  static String section(Optional<Dataset<Row>> sizes, int queries) {
    StringBuilder page =
        new StringBuilder(
            """

            ## Cluster sizes

            | what is in a cluster | clusters | smallest | median | largest |
            |---|---|---|---|---|
            """);
    TreeMap<String, List<Long>> measured = new TreeMap<>();
    sizes.ifPresent(
        table ->
            table
                .orderBy("kind", "members")
                .collectAsList()
                .forEach(
                    row ->
                        measured
                            .computeIfAbsent(row.getString(0), any -> new ArrayList<>())
                            .add(row.getLong(2))));
    measured.forEach(
        (kind, members) -> line(page, kind, members.stream().mapToLong(m -> m).toArray()));
    for (int nominal : NOMINAL) {
      if (queries >= nominal) {
        int clusters = BalancedTwoMeans.clustersFor(queries, nominal);
        long[] even = new long[clusters];
        Arrays.setAll(even, i -> (queries + (long) i) / clusters);
        line(page, "queries by halves, as for Ngame with a size of " + nominal, even);
      }
    }
    if (!measured.containsKey(QUERIES)) {
      page.append("\nNo k-means over queries: there are fewer than ")
          .append(2 * PER_CLUSTER)
          .append(" with vectors here; a training's run.json has the sizes of its own clusters.\n");
    }
    return page.toString();
  }

  private static void line(StringBuilder page, String kind, long[] ascending) {
    page.append(
        String.format(
            Locale.ROOT,
            "| %s | %,d | %,d | %,d | %,d |%n",
            kind,
            ascending.length,
            ascending[0],
            ascending[ascending.length / 2],
            ascending[ascending.length - 1]));
  }
}
