package io.batchwright.jobs.cluster;

import io.batchwright.tensor.ArenaLedger;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/**
 * What training has left in one process once it is over.
 *
 * @param process its number
 * @param arenaBytes of tensors that nobody has freed
 * @param threads of ours that still run
 * @param stagedFiles copies of shards on local disks, and their folders
 * @param files open files and sockets
 */
record Leftovers(long process, long arenaBytes, long threads, long stagedFiles, long files)
    implements Serializable {

  /** Those of the process that calls it. */
  static Leftovers here() {
    long threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("batchwright-"))
            .filter(Thread::isAlive)
            .count();
    var system =
        (com.sun.management.UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Leftovers(
        ProcessHandle.current().pid(),
        ArenaLedger.reservedBytes(),
        threads,
        staged(),
        system.getOpenFileDescriptorCount());
  }

  private static long staged() {
    return Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
        .mapToLong(
            folder -> {
              try (Stream<Path> paths = Files.walk(folder.toPath())) {
                return paths
                    .filter(path -> path.toString().contains("batchwright-shards-"))
                    .count();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .sum();
  }
}
