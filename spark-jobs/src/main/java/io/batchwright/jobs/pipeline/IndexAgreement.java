package io.batchwright.jobs.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.dedup.index.DedupIndex;
import io.batchwright.data.dedup.index.SnapshotInfo;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.RunRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Whether the index still has what a finished run put into it, and its output is made of. */
final class IndexAgreement {
  private final DedupIndex index;
  private final IndexRecipe asked;
  private final Configuration hadoop;
  private final List<String> problems = new ArrayList<>();

  private IndexAgreement(SparkSession spark, PipelineRecipe recipe) {
    asked = recipe.index();
    index = DedupIndex.open(spark, asked.dir(), recipe.deduplicate());
    hadoop = spark.sessionState().newHadoopConf();
  }

  /**
   * Requires that the index agrees with the finished run in {@code dir}.
   *
   * @throws BatchwrightException with exit code 3, one line a disagreement; with 2 where a
   *     maintenance of the index was finished and the index has changed since
   */
  static void require(SparkSession spark, PipelineRecipe recipe, Path dir) throws IOException {
    IndexAgreement agreement = new IndexAgreement(spark, recipe);
    if (recipe.index().maintains()) {
      agreement.requireUnchanged(dir);
    } else {
      agreement.requireSnapshots(dir);
    }
  }

  private void requireUnchanged(Path dir) throws IOException {
    long then = record(dir).at("/metrics/" + IndexStage.COMMITS).asLong();
    if (index.generation() != then) {
      throw BatchwrightException.usage(
          "%s holds this %s of the index %s, done at its commit %d; the index is at commit %d now. To do it again, give --overwrite or another --out."
              .formatted(dir, asked.action(), asked.dir(), then, index.generation()));
    }
  }

  private void requireSnapshots(Path dir) throws IOException {
    Map<String, SnapshotInfo> now = new TreeMap<>();
    index.snapshots().forEach(snapshot -> now.put(snapshot.name(), snapshot));
    if (asked.backfills()) {
      for (String path : Backfill.snapshots(record(dir))) {
        compare(path, new Path(dir, path), now);
      }
    } else {
      compare(asked.snapshot(), dir, now);
    }
    if (!problems.isEmpty()) {
      throw BatchwrightException.data(
          "The index %s no longer agrees with outputs that are done:\n  %s\nMake them again with --overwrite."
              .formatted(asked.dir(), String.join("\n  ", problems)));
    }
  }

  private void compare(String name, Path output, Map<String, SnapshotInfo> now) throws IOException {
    long then = record(output).at("/metrics/" + IndexOutputs.GENERATION).asLong();
    Optional<SnapshotInfo> snapshot = Optional.ofNullable(now.get(name));
    if (snapshot.isEmpty()) {
      problems.add("%s: the index has no snapshot %s".formatted(output, name));
    } else if (snapshot.get().generation() != then) {
      problems.add(
          "%s: is of commit %d, the index has snapshot %s from commit %d by the run in %s"
              .formatted(output, then, name, snapshot.get().generation(), snapshot.get().output()));
    } else if (snapshot.get().erased() > 0) {
      problems.add(
          "%s: %d of its documents were erased from the index since"
              .formatted(output, snapshot.get().erased()));
    }
  }

  private ObjectNode record(Path dir) throws IOException {
    return RunRecord.read(dir, hadoop)
        .orElseThrow(() -> BatchwrightException.data("There is no run.json in %s.".formatted(dir)));
  }
}
