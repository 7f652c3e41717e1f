package io.batchwright.data.batch;

import java.io.IOException;
import java.io.Serializable;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Writes the steps of one partition: on local disk first, since the checksum needs the whole file,
 * then to the shards' file system.
 */
final class ShardTask implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String SUFFIX = ".arrow";

  /** A mapping is at most 2 GiB on Java 17; files stay well below. */
  private static final long MAX_FILE_BYTES = 1L << 30;

  private final Broadcast<ShardPartitions> partitions;
  private final ShardColumns columns;
  private final Broadcast<SerializableConfiguration> configuration;

  ShardTask(
      Broadcast<ShardPartitions> partitions,
      ShardColumns columns,
      Broadcast<SerializableConfiguration> configuration) {
    this.partitions = partitions;
    this.columns = columns;
    this.configuration = configuration;
  }

  /**
   * Writes {@code rows}, sorted by step, position and part; returns the epoch and the files as
   * JSON.
   */
  Iterator<Tuple2<Integer, String>> write(Iterator<Row> rows) throws IOException {
    int task = TaskContext.getPartitionId();
    ShardPartitions.Epoch epoch = partitions.value().epochOf(task);
    Shards.Layout layout = epoch.layout();
    int partition = partitions.value().within(task);
    List<Tuple2<Integer, String>> files = new ArrayList<>();
    StepAssembler steps =
        new StepAssembler(rows, epoch.epoch(), columns, partitions.value().keyOf(task));
    long next = layout.firstStep(partition);
    long end = layout.endStep(partition);
    while (next < end) {
      long first = next;
      java.nio.file.Path local = Files.createTempFile("batchwright-shard-", SUFFIX);
      try {
        try (ShardFileWriter writer = new ShardFileWriter(local, columns)) {
          long largest = 0;
          do {
            long before = writer.bytes();
            writer.write(steps.assemble(next));
            largest = Math.max(largest, writer.bytes() - before);
            next++;
          } while (next < end && writer.bytes() + 2 * largest < MAX_FILE_BYTES);
        }
        ShardFile file =
            publish(local, epoch.folder(), layout.lane(partition), first, next - first);
        files.add(new Tuple2<>(epoch.epoch(), Shards.json(file)));
      } finally {
        Files.deleteIfExists(local);
      }
    }
    return files.iterator();
  }

  private ShardFile publish(
      java.nio.file.Path local, String folder, int lane, long firstStep, long steps)
      throws IOException {
    String name =
        "lane-%05d-step-%08d-attempt-%d%s"
            .formatted(lane, firstStep, TaskContext.get().taskAttemptId(), SUFFIX);
    long bytes;
    String xxh3;
    try (FileChannel file = FileChannel.open(local, StandardOpenOption.READ)) {
      bytes = file.size();
      xxh3 = ShardFileReader.xxh3(file.map(FileChannel.MapMode.READ_ONLY, 0, bytes));
    }
    Path target = new Path(folder, name);
    Configuration hadoop = configuration.value().value();
    target.getFileSystem(hadoop).copyFromLocalFile(true, true, new Path(local.toUri()), target);
    return new ShardFile(name, lane, firstStep, steps, bytes, xxh3);
  }
}
