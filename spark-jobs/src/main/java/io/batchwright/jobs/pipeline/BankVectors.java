package io.batchwright.jobs.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.data.token.Ordinals;
import io.batchwright.jobs.run.StageContext;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.checkpoint.MemoryBank;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The newest vector of each training query in the memory bank. A query that no step of the bank has
 * seen gets a random one, so that it stands anywhere.
 *
 * @param seed of the run
 */
record BankVectors(long seed) {
  private static final StructType ENTRIES =
      new StructType()
          .add("sample", DataTypes.LongType, false)
          .add("step", DataTypes.LongType, false)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  /**
   * Reads the bank; the driver holds it.
   *
   * @param epoch whose batches are made
   * @return {@code text_id, embedding}
   */
  Dataset<Row> of(StageContext context, int epoch) throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    List<MemoryBank.Entry> entries = new MemoryBank(context.dir().toString(), hadoop).read();
    if (entries.isEmpty()) {
      throw new IllegalStateException("no step before epoch %d left a vector".formatted(epoch));
    }
    List<Row> rows = new ArrayList<>(entries.size());
    for (MemoryBank.Entry entry : entries) {
      rows.add(RowFactory.create(entry.sample(), entry.step(), entry.vector()));
    }
    Dataset<Row> queries =
        context.read("samples").select(col("sample"), PolicyColumns.textOf("query").as("text_id"));
    Dataset<Row> newest =
        context
            .spark()
            .createDataFrame(rows, ENTRIES)
            .join(queries, "sample")
            .groupBy("text_id")
            .agg(max_by(col("embedding"), struct(col("step"), col("sample"))).as("known"));
    int dims = entries.get(0).vector().length;
    long stream = seed;
    UDF1<Long, float[]> anywhere = text -> anywhere(stream, epoch, text, dims);
    return queries
        .select("text_id")
        .distinct()
        .join(newest, new String[] {"text_id"}, "left")
        .select(
            col("text_id"),
            coalesce(
                    col("known"),
                    udf(anywhere, DataTypes.createArrayType(DataTypes.FloatType))
                        .apply(col("text_id")))
                .as("embedding"));
  }

  /**
   * The same vectors, each under another's number but for chance.
   *
   * @param vectors {@code text_id, embedding}
   */
  Dataset<Row> permuted(Dataset<Row> vectors, int epoch) {
    Dataset<Row> placed = Ordinals.number(vectors, "place", col("text_id"));
    long count = placed.count();
    long stream = seed;
    UDF1<Long, Long> other =
        place -> RandomStream.of(stream, "refresh.permuted", epoch, 0).permutedIndex(place, count);
    return placed
        .select(col("text_id"), udf(other, DataTypes.LongType).apply(col("place")).as("place"))
        .join(placed.select("place", "embedding"), "place")
        .select("text_id", "embedding");
  }

  private static float[] anywhere(long seed, int epoch, long text, int dims) {
    RandomStream random = RandomStream.of(seed, "refresh.unseen", epoch, text);
    float[] vector = new float[dims];
    for (int d = 0; d < dims; d++) {
      vector[d] = (float) random.gaussianAt(d);
    }
    return vector;
  }
}
