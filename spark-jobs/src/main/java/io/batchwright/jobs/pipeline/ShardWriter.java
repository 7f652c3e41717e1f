package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.PlanKey;
import io.batchwright.data.batch.ShardFile;
import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.Shards;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Writes the shards of a plan, epoch by epoch; an epoch that is complete already stays. */
record ShardWriter(
    PipelineRecipe recipe,
    String tokenizerSha256,
    String dataFingerprint,
    Optional<Dataset<Row>> guide) {

  /** Returns the bytes of the epoch's files. */
  long write(Dataset<Row> plan, Dataset<Row> samples, Dataset<Row> tokens, Path folder, int epoch)
      throws IOException {
    PlanKey key = new PlanKey(recipe.seed(), epoch);
    String fingerprint = fingerprint(epoch);
    var hadoop = plan.sparkSession().sessionState().newHadoopConf();
    ShardManifest manifest =
        ShardManifest.exists(folder.toString(), epoch, hadoop)
            ? ShardManifest.read(folder.toString(), epoch, hadoop)
            : null;
    if (manifest == null || !manifest.planFingerprint().equals(fingerprint)) {
      manifest =
          Shards.write(
              plan,
              samples,
              tokens,
              new Shards.Request(
                  folder.toString(), key, recipe.lanes(), fingerprint, tokenizerSha256, guide));
    }
    return manifest.files().stream().mapToLong(ShardFile::bytes).sum();
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
