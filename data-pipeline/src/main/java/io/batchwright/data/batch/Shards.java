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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
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
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Writes the batches of epochs as bytes: plan JOIN samples JOIN tokens, one shuffle by lane, one
 * Arrow record batch per step. Small epochs go through one job together, a large one alone.
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

  /** Epochs share a job up to this size of all of them; a larger one has its own. */
  private static final long TOGETHER_BYTES = 1L << 30;

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
    List<ShardManifest> written = new ArrayList<>();
    write(plan, source, List.of(request), written::add);
    return written.get(0);
  }

  /**
   * Writes the shards of some epochs and publishes one after the other, in the order of {@code
   * requests}: an epoch that is published is whole, whatever becomes of the others.
   *
   * @param plan {@link io.batchwright.data.Tables#PLAN}; only the epochs of {@code requests} are
   *     read
   * @param source the samples that the plan numbers, and their texts
   * @param requests of different epochs
   * @param published is told of each
   */
  public static void write(
      Dataset<Row> plan,
      ShardSource source,
      List<Request> requests,
      Consumer<ShardManifest> published)
      throws IOException {
    if (requests.isEmpty()) {
      return;
    }
    Object[] epochs = requests.stream().map(request -> request.key.epoch()).distinct().toArray();
    Check.that(epochs.length == requests.size(), "Shards.requests", "must be of different epochs");
    Dataset<Row> rows = plan.where(col("epoch").isin(epochs));
    Map<Integer, StepSizes> sizes = StepSizes.of(rows);
    for (Request request : requests) {
      sizes.putIfAbsent(request.key.epoch(), StepSizes.NONE);
    }
    int next = 0;
    while (next < requests.size()) {
      int first = next;
      long bytes = 0;
      do {
        bytes += sizes.get(requests.get(next++).key.epoch()).bytes();
      } while (next < requests.size()
          && bytes + sizes.get(requests.get(next).key.epoch()).bytes() <= TOGETHER_BYTES);
      writeTogether(rows, source, requests.subList(first, next), sizes, published);
    }
  }

  private static void writeTogether(
      Dataset<Row> plan,
      ShardSource source,
      List<Request> requests,
      Map<Integer, StepSizes> sizes,
      Consumer<ShardManifest> published)
      throws IOException {
    SparkSession spark = plan.sparkSession();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    List<ShardPartitions.Epoch> epochs = new ArrayList<>();
    for (Request request : requests) {
      int epoch = request.key.epoch();
      Path folder = ShardManifest.folder(request.directory, epoch);
      folder.getFileSystem(hadoop).mkdirs(folder);
      epochs.add(
          new ShardPartitions.Epoch(
              epoch,
              folder.toString(),
              sizes.get(epoch).samples,
              Layout.of(sizes.get(epoch), request.lanes)));
    }
    Broadcast<ShardPartitions> partitions = context.broadcast(new ShardPartitions(epochs));
    Broadcast<SerializableConfiguration> configuration =
        context.broadcast(new SerializableConfiguration(hadoop));
    ShardTask task = new ShardTask(partitions, source.columns(), configuration);
    Map<Integer, List<ShardFile>> files = new TreeMap<>();
    texts(plan, source, partitions)
        .mapPartitions(
            (MapPartitionsFunction<Row, Tuple2<Integer, String>>) rows -> task.write(rows),
            Encoders.tuple(Encoders.INT(), Encoders.STRING()))
        .collectAsList()
        .forEach(
            file -> files.computeIfAbsent(file._1(), e -> new ArrayList<>()).add(parse(file._2())));
    for (Request request : requests) {
      int epoch = request.key.epoch();
      ShardManifest manifest =
          manifest(
              request,
              source.columns(),
              sizes.get(epoch).samples,
              files.getOrDefault(epoch, List.of()).stream()
                  .sorted(
                      Comparator.comparingInt(ShardFile::lane)
                          .thenComparingLong(ShardFile::firstStep))
                  .toList());
      requireComplete(manifest);
      manifest.publish(request.directory, hadoop);
      removeOthers(ShardManifest.folder(request.directory, epoch), manifest.files(), hadoop);
      published.accept(manifest);
    }
  }

  private static ShardManifest manifest(
      Request request, ShardColumns columns, int[] samplesPerStep, List<ShardFile> files) {
    return new ShardManifest(
        ShardManifest.FORMAT,
        ShardManifest.VERSION,
        request.key.seed(),
        request.key.epoch(),
        request.lanes,
        samplesPerStep.length,
        columns.roles(),
        columns.scores(),
        columns.guide(),
        columns.knownPositives(),
        samplesPerStep,
        request.planFingerprint,
        request.tokenizerSha256,
        0,
        files);
  }

  /** One row per text, in the partition that writes it and in the order it is written. */
  private static Dataset<Row> texts(
      Dataset<Row> plan, ShardSource source, Broadcast<ShardPartitions> partitions) {
    UserDefinedFunction key =
        functions
            .udf(
                (UDF3<Integer, Long, Integer, Integer>)
                    (epoch, step, position) -> partitions.value().key(epoch, step, position),
                DataTypes.IntegerType)
            .asNonNullable();
    int[] epochs = partitions.value().epochs();
    return plan.where(col("epoch").isin(Arrays.stream(epochs).boxed().toArray()))
        .select("epoch", "step", "position", "sample")
        .join(source.samples(), "sample")
        .select(
            col("epoch"),
            col("step"),
            col("position"),
            col("sample"),
            col("equal_hash"),
            col("weight"),
            col("known_positives"),
            functions.posexplode(col("parts")).as(new String[] {"part", "value"}))
        .select(
            col("epoch"),
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
        .withColumn("partition_key", key.apply(col("epoch"), col("step"), col("position")))
        .repartition(partitions.value().count(), col("partition_key"))
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
    static final StepSizes NONE = new StepSizes(new int[0], 0);

    /** Of each epoch that has a step. */
    static Map<Integer, StepSizes> of(Dataset<Row> epochs) {
      Map<Integer, List<Row>> rows =
          epochs
              .groupBy("epoch", "step")
              .agg(count(lit(1)), sum(col("length")))
              .collectAsList()
              .stream()
              .collect(Collectors.groupingBy(row -> row.getInt(0)));
      Map<Integer, StepSizes> sizes = new HashMap<>();
      rows.forEach((epoch, steps) -> sizes.put(epoch, ofEpoch(steps)));
      return sizes;
    }

    /** From rows of {@code epoch, step, samples, tokens}. */
    private static StepSizes ofEpoch(List<Row> rows) {
      int[] samples = new int[rows.size()];
      long tokens = 0;
      Set<Long> seen = new HashSet<>();
      for (Row row : rows) {
        long step = row.getLong(1);
        if (step < 0 || step >= samples.length || !seen.add(step)) {
          throw new IllegalStateException("the plan's steps are not 0 .. " + (rows.size() - 1));
        }
        samples[(int) step] = Math.toIntExact(row.getLong(2));
        tokens += row.getLong(3);
      }
      return new StepSizes(samples, tokens);
    }

    /** About how large the shards will be. */
    long bytes() {
      long count = Arrays.stream(samples).asLongStream().sum();
      return tokens * BYTES_PER_TOKEN + count * BYTES_PER_SAMPLE;
    }
  }

  /**
   * Which steps of which lane a task writes.
   *
   * @param parts the files of a lane
   */
  record Layout(int lanes, long steps, long stepsPerPart, int parts) implements Serializable {

    private static Layout of(StepSizes sizes, int lanes) {
      long steps = sizes.samples.length;
      long bytesPerStep = Math.max(1, sizes.bytes() / Math.max(1, steps * lanes));
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
