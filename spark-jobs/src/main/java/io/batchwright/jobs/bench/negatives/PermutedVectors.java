package io.batchwright.jobs.bench.negatives;

import static org.apache.spark.sql.functions.col;

import io.batchwright.data.token.TextIds;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.tensor.RandomStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** The same vectors under other ids: whatever is made of them works alike and means nothing. */
final class PermutedVectors {
  private static final long SEED = 9_004;

  private PermutedVectors() {}

  /** Writes {@code kind, id, embedding} of the queries of a run of encode, permuted. */
  static void write(SparkSession spark, RunTables vectors, Path out) {
    Dataset<Row> queries =
        vectors
            .read(spark, "embeddings")
            .where(col("kind").equalTo(TextIds.QUERY))
            .select("kind", "id", "embedding");
    List<Row> rows = queries.orderBy("id").collectAsList();
    RandomStream random = RandomStream.of(SEED, "bench.permuted", 0, 0);
    List<Row> permuted = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Row other = rows.get((int) random.permutedIndex(i, rows.size()));
      permuted.add(RowFactory.create(rows.get(i).get(0), rows.get(i).get(1), other.get(2)));
    }
    spark
        .createDataFrame(permuted, queries.schema())
        .write()
        .mode(SaveMode.Ignore)
        .parquet(out.toString());
  }
}
