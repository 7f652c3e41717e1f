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
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

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
   * Reads the bank, a file a task.
   *
   * @param epoch whose batches are made
   * @return {@code text_id, embedding}
   */
  Dataset<Row> of(StageContext context, int epoch) throws IOException {
    Configuration hadoop = context.spark().sessionState().newHadoopConf();
    List<Path> segments = new MemoryBank(context.dir().toString(), hadoop).segments();
    if (segments.isEmpty()) {
      throw new IllegalStateException("no step before epoch %d left a vector".formatted(epoch));
    }
    Dataset<Row> queries = queries(context);
    Dataset<Row> newest =
        context
            .spark()
            .createDataFrame(entries(context.spark(), segments, hadoop), ENTRIES)
            .join(queries, "sample")
            .groupBy("text_id")
            .agg(max_by(col("embedding"), struct(col("step"), col("sample"))).as("known"));
    int dims = MemoryBank.dims(segments.get(0), hadoop);
    long stream = seed;
    UDF1<Long, float[]> anywhere = text -> anywhere(stream, epoch, text, dims);
    return texts(context)
        .join(newest, new String[] {"text_id"}, "left")
        .select(
            col("text_id"),
            coalesce(
                    col("known"),
                    udf(anywhere, DataTypes.createArrayType(DataTypes.FloatType))
                        .apply(col("text_id")))
                .as("embedding"));
  }

  private static JavaRDD<Row> entries(
      SparkSession spark, List<Path> segments, Configuration hadoop) {
    JavaSparkContext cluster = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> files =
        cluster.broadcast(new SerializableConfiguration(hadoop));
    return cluster
        .parallelize(segments.stream().map(Path::toString).toList(), segments.size())
        .flatMap(
            segment ->
                MemoryBank.read(new Path(segment), files.value().value()).stream()
                    .map(entry -> RowFactory.create(entry.sample(), entry.step(), entry.vector()))
                    .iterator());
  }

  /**
   * The same vectors, each under another's number but for chance.
   *
   * @param vectors {@code text_id, embedding}
   * @param texts the {@code text_id} of each, known without reading a vector
   */
  Dataset<Row> permuted(Dataset<Row> vectors, Dataset<Row> texts, int epoch) {
    Dataset<Row> placed = Ordinals.number(texts, "place", col("text_id"));
    long count = placed.count();
    long stream = seed;
    UDF1<Long, Long> other =
        place -> RandomStream.of(stream, "refresh.permuted", epoch, 0).permutedIndex(place, count);
    return placed
        .select(col("text_id"), udf(other, DataTypes.LongType).apply(col("place")).as("place"))
        .join(placed.select(col("place"), col("text_id").as("from")), "place")
        .join(vectors.withColumnRenamed("text_id", "from"), "from")
        .select("text_id", "embedding");
  }

  /** The {@code text_id} of all training queries. */
  static Dataset<Row> texts(StageContext context) {
    return queries(context).select("text_id").distinct();
  }

  /** {@code sample, text_id} of the query. */
  private static Dataset<Row> queries(StageContext context) {
    return context
        .read("samples")
        .select(col("sample"), PolicyColumns.textOf("query").as("text_id"));
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
