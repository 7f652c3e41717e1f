package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.dedup.index.OutputState;
import io.batchwright.data.dedup.index.SnapshotInfo;
import io.batchwright.jobs.run.RunLock;
import io.batchwright.jobs.run.RunRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What became of the output of a snapshot, by the run.json in its folder and beside it, where
 * {@code --overwrite} writes. Only evidence counts: a folder that is gone, or that another run has
 * taken over since, says nothing against an output.
 *
 * @param index the folder of the index, as recipes name it
 * @param own the folder of the run that asks
 * @param hadoop how to reach folders
 */
record IndexOutputs(String index, Path own, Configuration hadoop)
    implements Function<SnapshotInfo, OutputState> {

  /** What a run.json says once its tables stand: the commit that its snapshot is of. */
  static final String GENERATION = "index_generation";

  @Override
  public OutputState apply(SnapshotInfo snapshot) {
    Path output = new Path(snapshot.output());
    boolean unfinished = false;
    try {
      for (Path folder : List.of(output, output.suffix(".new"))) {
        Optional<ObjectNode> run =
            isOwn(folder) ? Optional.empty() : RunRecord.read(folder, hadoop).filter(this::uses);
        if (run.isEmpty()) {
          continue;
        }
        JsonNode generation = run.get().path("metrics").path(GENERATION);
        if (folder.equals(output) && generation.isNumber()) {
          if (generation.asLong() >= snapshot.generation()) {
            return OutputState.PUBLISHED;
          }
          unfinished = true; // older than the change
        } else if (isOf(run.get(), snapshot)) {
          if (RunLock.held(folder, hadoop)) {
            return OutputState.RUNNING;
          }
          unfinished = true;
        }
      }
      return unfinished ? OutputState.ABANDONED : OutputState.PUBLISHED;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isOwn(Path folder) throws IOException {
    FileSystem files = own.getFileSystem(hadoop);
    return files.makeQualified(folder).equals(files.makeQualified(own));
  }

  private boolean uses(ObjectNode run) {
    return run.at("/config/index/dir").asText().equals(index);
  }

  private static boolean isOf(ObjectNode run, SnapshotInfo snapshot) {
    return run.at("/config/index/snapshot").asText().equals(snapshot.name());
  }
}
