package io.batchwright.jobs.pipeline;

import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.dedup.index.DedupIndex;
import io.batchwright.data.dedup.index.IndexUpdate;
import io.batchwright.jobs.run.StageContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The duplicates of a snapshot, in itself and in the index.
 *
 * @param found what {@link DuplicatesStage} commits
 * @param tables what it commits beside: index_matches, index_orphans
 * @param metrics how the index grew
 */
record IndexedDuplicates(
    Deduplication found, Map<String, Dataset<Row>> tables, Map<String, Double> metrics) {

  /**
   * Updates the index; a dry run updates a new one inside its own folder.
   *
   * @param check looks at what is to go, before the index changes
   */
  static IndexedDuplicates of(
      StageContext context,
      PipelineRecipe recipe,
      Dataset<Row> documents,
      Consumer<Dataset<Row>> check) {
    String folder =
        recipe.run().dryRun()
            ? new Path(context.dir(), "dry-run-index").toString()
            : recipe.index().dir();
    DedupIndex index =
        DedupIndex.open(context.spark(), folder, recipe.deduplicate())
            .publishing(
                new IndexOutputs(
                    folder, context.dir(), context.spark().sessionState().newHadoopConf()));
    long[] before = index.filesAndBytes();
    IndexUpdate update =
        index.update(documents, recipe.index().snapshot(), output(context, recipe), check);
    Map<String, Double> metrics = IndexStage.metrics(index);
    metrics.put("index_bytes_added", metrics.get("index_bytes") - before[1]);
    metrics.put("index_documents_added", (double) update.snapshot().survivors());
    metrics.put("index_changed", update.kind() == IndexUpdate.Kind.UNCHANGED ? 0.0 : 1.0);
    metrics.put("index_late_correction", update.kind() == IndexUpdate.Kind.REPLACED ? 1.0 : 0.0);
    return new IndexedDuplicates(
        new Deduplication(
            update.outcome(), update.clusters(), update.figures(), update.workspace()),
        Map.of("index_matches", update.matches(), "index_orphans", update.orphans()),
        metrics);
  }

  /** Where the documents will be found, as others name it. */
  private static String output(StageContext context, PipelineRecipe recipe) {
    Path folder = recipe.run().folder().isEmpty() ? context.dir() : new Path(recipe.run().folder());
    try {
      return folder
          .getFileSystem(context.spark().sessionState().newHadoopConf())
          .makeQualified(folder)
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
