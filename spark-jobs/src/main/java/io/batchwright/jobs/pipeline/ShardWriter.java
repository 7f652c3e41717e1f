package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.PlanKey;
import io.batchwright.data.batch.ShardFile;
import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.ShardSource;
import io.batchwright.data.batch.Shards;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Writes the shards of a plan's epochs; an epoch that is complete already stays, unless it has too
 * few lanes.
 */
record ShardWriter(PipelineRecipe recipe, String tokenizerSha256, String dataFingerprint) {

  /** Writes one epoch; returns the bytes of its files. */
  long write(Dataset<Row> plan, ShardSource source, Path folder, int epoch) throws IOException {
    return write(plan, source, folder, epoch, epoch + 1, () -> {});
  }

  /**
   * Writes the epochs from {@code from} to before {@code to}, the first of them last: where it is
   * complete, all are.
   *
   * @param done is told of each epoch that is there
   * @return the bytes of all files
   */
  long write(Dataset<Row> plan, ShardSource source, Path folder, int from, int to, Runnable done)
      throws IOException {
    List<ShardManifest> manifests = new ArrayList<>();
    List<Shards.Request> missing = new ArrayList<>();
    for (int epoch = to - 1; epoch >= from; epoch--) {
      Optional<ShardManifest> there = complete(plan, folder, epoch);
      if (there.isPresent()) {
        manifests.add(there.get());
        done.run();
      } else {
        missing.add(
            new Shards.Request(
                folder.toString(),
                new PlanKey(recipe.seed(), epoch),
                recipe.lanes(),
                fingerprint(epoch),
                tokenizerSha256));
      }
    }
    Shards.write(
        plan,
        source,
        missing,
        manifest -> {
          manifests.add(manifest);
          done.run();
        });
    return manifests.stream().flatMap(m -> m.files().stream()).mapToLong(ShardFile::bytes).sum();
  }

  private Optional<ShardManifest> complete(Dataset<Row> plan, Path folder, int epoch)
      throws IOException {
    Configuration hadoop = plan.sparkSession().sessionState().newHadoopConf();
    if (!ShardManifest.exists(folder.toString(), epoch, hadoop)) {
      return Optional.empty();
    }
    ShardManifest manifest = ShardManifest.read(folder.toString(), epoch, hadoop);
    boolean whole =
        manifest.planFingerprint().equals(fingerprint(epoch)) && manifest.lanes() >= recipe.lanes();
    return Optional.of(manifest).filter(there -> whole);
  }

  /** What names the plan of an epoch. */
  String fingerprint(int epoch) {
    return new PlanKey(recipe.seed(), epoch)
        .fingerprint(
            dataFingerprint,
            (Record) recipe.batches().bucketing(),
            (Record) recipe.batches().policy());
  }
}
