package io.batchwright.train.rank;

import io.batchwright.train.checkpoint.Attempt;
import io.batchwright.train.collective.Collective;
import io.batchwright.train.collective.LocalCollective;
import io.batchwright.train.collective.RankAddress;
import io.batchwright.train.collective.RankContext;
import io.batchwright.train.collective.RankEndpoint;
import io.batchwright.train.collective.RankFailure;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.SerializableConfiguration;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The body of one barrier task: find the other ranks, join them, train, report.
 *
 * @param spec the run
 * @param launch how often the job was started on its folder before
 * @param hadoop the driver's file system settings
 * @param live carries steps to the driver
 */
record TrainTask(TrainSpec spec, int launch, SerializableConfiguration hadoop, LiveReports live)
    implements Function1<Iterator<Integer>, Iterator<String>>, Serializable {

  @Override
  public Iterator<String> apply(Iterator<Integer> partition) {
    BarrierTaskContext task = BarrierTaskContext.get();
    RankContext self =
        new RankContext(
            task.partitionId(),
            spec.recipe().ranks(),
            task.stageAttemptNumber(),
            spec.provenance().runId(),
            RunKey.inTask(spec.runKey()),
            spec.recipe().stepTimeout(),
            RunKey.confidentialInTask(),
            spec.recipe().socketsPerPeer());
    String address = task.getTaskInfos()[self.rank()].address();
    String host = address.substring(0, address.lastIndexOf(':'));
    Attempt attempt = new Attempt(launch, self.attempt());
    try (Collective ranks = join(task, self, host);
        Staging staging = Staging.create()) {
      String report = train(ranks, attempt, staging.folder(), host, RankGpu.of(task));
      return CollectionConverters.asScala(List.of(report).iterator());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One call of Spark's all-gather, which takes a second, exchanges the addresses. */
  private static Collective join(BarrierTaskContext task, RankContext self, String host) {
    if (self.world() == 1) {
      return new LocalCollective();
    }
    RankEndpoint endpoint = RankEndpoint.bind(self, host);
    try {
      String[] addresses = task.allGather(endpoint.address().toString());
      return endpoint.connect(Arrays.stream(addresses).map(RankAddress::parse).toList());
    } catch (RuntimeException e) {
      endpoint.close();
      throw e;
    }
  }

  private String train(Collective ranks, Attempt attempt, Path staging, String host, int gpu)
      throws IOException {
    try {
      return new RankTraining(
              spec,
              attempt,
              ranks,
              hadoop.value(),
              staging,
              step -> live.add(new RankStep(ranks.rank(), step)))
          .run(host, gpu)
          .toJson();
    } catch (RankFailure e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      ranks.abort(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /**
   * A folder for this task's copies of shards, on a local disk that Spark cleans up where the task
   * is killed.
   */
  private record Staging(Path folder) implements AutoCloseable {
    static Staging create() throws IOException {
      File disk = SparkEnv.get().blockManager().diskBlockManager().localDirs()[0];
      return new Staging(Files.createTempDirectory(disk.toPath(), "batchwright-shards-"));
    }

    @Override
    public void close() throws IOException {
      try (var left = Files.list(folder)) {
        for (Path file : left.toList()) {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    }
  }
}
