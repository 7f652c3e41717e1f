package io.batchwright.data.batch;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.technique.Check;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Writes the batches of an epoch as bytes: plan JOIN samples JOIN tokens, one shuffle by lane, one
 * Arrow record batch per step.
 *
 * <p>Each task writes one file, a stretch of steps of one lane, under a name of its own attempt;
 * the manifest, written last, names the files that the committed attempts returned, so that a task
 * run twice leaves no duplicate.
 */
public final class Shards {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long TARGET_FILE_BYTES = 256L << 20;

  /** Bytes of a token in a shard: its id and its position. */
  private static final int BYTES_PER_TOKEN = 8;

  private static final int BYTES_PER_SAMPLE = 64;

  private Shards() {}

  /**
   * What to write besides the tables.
   *
   * @param directory the folder of all epochs
   * @param key seed and epoch of the plan
   * @param lanes the number of lanes, at least the number of ranks that will read
   * @param planFingerprint the plan's name
   * @param tokenizerSha256 the tokenizer whose ids the tokens are
   */
  public record Request(
      String directory, PlanKey key, int lanes, String planFingerprint, String tokenizerSha256) {
    /** Checks the ranges. */
    public Request {
      Check.atLeast("Shards.lanes", lanes, 1);
    }
  }

  /**
   * Writes and publishes the shards of one epoch.
   *
   * @param plan {@link io.batchwright.data.Tables#PLAN}; only the epoch of {@code request} is read
   * @param source the samples that the plan numbers, and their texts
   */
  public static ShardManifest write(Dataset<Row> plan, ShardSource source, Request request)
      throws IOException {
    SparkSession spark = plan.sparkSession();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Dataset<Row> epoch = plan.where(col("epoch").equalTo(request.key.epoch()));
    StepSizes sizes = StepSizes.of(epoch);
    ShardColumns columns = source.columns();
    Layout layout = Layout.of(sizes, request.lanes);

    Path folder = ShardManifest.folder(request.directory, request.key.epoch());
    folder.getFileSystem(hadoop).mkdirs(folder);
    Broadcast<int[]> samplesPerStep = context.broadcast(sizes.samples);
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(hadoop));
    Dataset<Row> texts = texts(epoch, source, layout, samplesPerStep);
    ShardTask task =
        new ShardTask(folder.toString(), request.key.epoch(), layout, columns, configuration);
    List<ShardFile> files =
        texts
            .mapPartitions(
                (MapPartitionsFunction<Row, String>) rows -> task.write(rows), Encoders.STRING())
            .collectAsList()
            .stream()
            .map(Shards::parse)
            .sorted(
                Comparator.comparingInt(ShardFile::lane).thenComparingLong(ShardFile::firstStep))
            .toList();

    ShardManifest manifest =
        new ShardManifest(
            ShardManifest.FORMAT,
            ShardManifest.VERSION,
            request.key.seed(),
            request.key.epoch(),
            request.lanes,
            sizes.samples.length,
            columns.roles(),
            columns.scores(),
            columns.guide(),
            columns.knownPositives(),
            sizes.samples,
            request.planFingerprint,
            request.tokenizerSha256,
            0,
            files);
    requireComplete(manifest);
    manifest.publish(request.directory, hadoop);
    removeOthers(folder, files, hadoop);
    return manifest;
  }

  /** One row per text, in the partition that writes it and in the order it is written. */
  private static Dataset<Row> texts(
      Dataset<Row> plan, ShardSource source, Layout layout, Broadcast<int[]> samplesPerStep) {
    int[] keys = PartitionKeys.of(layout.partitions());
    UserDefinedFunction key =
        functions
            .udf(
                (UDF2<Long, Integer, Integer>)
                    (step, position) ->
                        keys[
                            layout.partitionOf(
                                step, position, samplesPerStep.value()[Math.toIntExact(step)])],
                DataTypes.IntegerType)
            .asNonNullable();
    return plan.select("step", "position", "sample")
        .join(source.samples(), "sample")
        .select(
            col("step"),
            col("position"),
            col("sample"),
            col("equal_hash"),
            col("weight"),
            col("known_positives"),
            functions.posexplode(col("parts")).as(new String[] {"part", "value"}))
        .select(
            col("step"),
            col("position"),
            col("part"),
            col("sample"),
            col("equal_hash"),
            col("weight"),
            when(col("part").equalTo(0), col("known_positives")).as("known_positives"),
            col("value.role").as("role"),
            col("value.text_id").as("text_id"),
            (source.columns().scores() ? col("value.score").cast("float") : lit(null).cast("float"))
                .as("score"))
        .join(source.texts(), "text_id")
        .withColumn("partition_key", key.apply(col("step"), col("position")))
        .repartition(layout.partitions(), col("partition_key"))
        .sortWithinPartitions("step", "position", "part")
        .select(
            "step",
            "position",
            "part",
            "sample",
            "equal_hash",
            "weight",
            "role",
            "text_id",
            "tokens",
            "partition_key",
            "score",
            "guide",
            "known_positives");
  }

  private static ShardFile parse(String json) {
    try {
      return JSON.readValue(json, ShardFile.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a task returned no shard file: " + json, e);
    }
  }

  private static void requireComplete(ShardManifest manifest) {
    for (int lane = 0; lane < manifest.lanes(); lane++) {
      long next = 0;
      for (ShardFile file : manifest.filesOf(lane)) {
        if (file.firstStep() != next) {
          throw new IllegalStateException(
              "lane %d goes on at step %d, but the next file starts at %d"
                  .formatted(lane, next, file.firstStep()));
        }
        next += file.steps();
      }
      if (next != manifest.steps()) {
        throw new IllegalStateException(
            "lane %d ends at step %d of %d".formatted(lane, next, manifest.steps()));
      }
    }
  }

  private static void removeOthers(Path folder, List<ShardFile> files, Configuration hadoop)
      throws IOException {
    Set<String> named = files.stream().map(ShardFile::name).collect(Collectors.toSet());
    FileSystem fileSystem = folder.getFileSystem(hadoop);
    for (FileStatus file : fileSystem.listStatus(folder)) {
      String name = file.getPath().getName();
      if (name.endsWith(ShardTask.SUFFIX) && !named.contains(name)) {
        fileSystem.delete(file.getPath(), false);
      }
    }
  }

  /** How many samples each step of an epoch has, and the tokens of all. */
  private record StepSizes(int[] samples, long tokens) {
    static StepSizes of(Dataset<Row> epoch) {
      List<Row> rows = epoch.groupBy("step").agg(count(lit(1)), sum(col("length"))).collectAsList();
      int[] samples = new int[rows.size()];
      long tokens = 0;
      Set<Long> seen = new HashSet<>();
      for (Row row : rows) {
        long step = row.getLong(0);
        if (step < 0 || step >= samples.length || !seen.add(step)) {
          throw new IllegalStateException("the plan's steps are not 0 .. " + (rows.size() - 1));
        }
        samples[(int) step] = Math.toIntExact(row.getLong(1));
        tokens += row.getLong(2);
      }
      return new StepSizes(samples, tokens);
    }
  }

  /**
   * Which steps of which lane a task writes.
   *
   * @param parts the files of a lane
   */
  record Layout(int lanes, long steps, long stepsPerPart, int parts) implements Serializable {

    private static Layout of(StepSizes sizes, int lanes) {
      long samples = Arrays.stream(sizes.samples).asLongStream().sum();
      long bytes = sizes.tokens * BYTES_PER_TOKEN + samples * BYTES_PER_SAMPLE;
      long steps = sizes.samples.length;
      long bytesPerStep = Math.max(1, bytes / Math.max(1, steps * lanes));
      long stepsPerPart = Math.max(1, TARGET_FILE_BYTES / bytesPerStep);
      int parts = Math.toIntExact(Math.max(1, (steps + stepsPerPart - 1) / stepsPerPart));
      return new Layout(lanes, steps, stepsPerPart, parts);
    }

    int partitions() {
      return lanes * parts;
    }

    int partitionOf(long step, int position, int samples) {
      return Placement.laneOf(position, lanes, samples) * parts + (int) (step / stepsPerPart);
    }

    int lane(int partition) {
      return partition / parts;
    }

    long firstStep(int partition) {
      return partition % parts * stepsPerPart;
    }

    long endStep(int partition) {
      return Math.min(steps, firstStep(partition) + stepsPerPart);
    }
  }

  static String json(ShardFile file) {
    try {
      return JSON.writeValueAsString(file);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a shard file can always be written as JSON", e);
    }
  }
}
