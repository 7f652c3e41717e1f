package io.batchwright.jobs.pipeline;

import io.batchwright.data.batch.PlanKey;
import io.batchwright.data.batch.ShardFile;
import io.batchwright.data.batch.ShardManifest;
import io.batchwright.data.batch.ShardSource;
import io.batchwright.data.batch.Shards;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Writes the shards of a plan, epoch by epoch; an epoch that is complete already stays, unless it
 * has too few lanes.
 */
record ShardWriter(PipelineRecipe recipe, String tokenizerSha256, String dataFingerprint) {

  /** Returns the bytes of the epoch's files. */
  long write(Dataset<Row> plan, ShardSource source, Path folder, int epoch) throws IOException {
    PlanKey key = new PlanKey(recipe.seed(), epoch);
    String fingerprint = fingerprint(epoch);
    var hadoop = plan.sparkSession().sessionState().newHadoopConf();
    ShardManifest manifest =
        ShardManifest.exists(folder.toString(), epoch, hadoop)
            ? ShardManifest.read(folder.toString(), epoch, hadoop)
            : null;
    if (manifest == null
        || !manifest.planFingerprint().equals(fingerprint)
        || manifest.lanes() < recipe.lanes()) {
      manifest =
          Shards.write(
              plan,
              source,
              new Shards.Request(
                  folder.toString(), key, recipe.lanes(), fingerprint, tokenizerSha256));
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
