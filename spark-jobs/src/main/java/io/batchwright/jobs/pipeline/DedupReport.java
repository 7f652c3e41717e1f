package io.batchwright.jobs.pipeline;

import io.batchwright.data.ledger.LedgerEntry;
import io.batchwright.jobs.run.JobContext;
import io.batchwright.jobs.run.StageReport;
import io.batchwright.jobs.run.StageResult;
import io.batchwright.jobs.run.StageRunner;
import io.batchwright.report.DedupData;
import io.batchwright.report.DedupPage;
import io.batchwright.report.ReportData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Gathers what deduplication did into {@code report.html} and the run's metrics. */
final class DedupReport {
  private final JobContext<PipelineRecipe> context;
  private final PipelineRecipe recipe;
  private final Map<String, StageReport> stages = new LinkedHashMap<>();

  DedupReport(JobContext<PipelineRecipe> context, PipelineRecipe recipe) {
    this.context = context;
    this.recipe = recipe;
    for (StageResult result : context.stages().results()) {
      stages.put(result.name(), result.report());
    }
  }

  void write() throws IOException {
    StageRunner tables = context.stages();
    DedupFigures figures =
        new DedupFigures(
            tables.read(CorpusStage.DOCUMENTS),
            tables.read("removed_duplicates"),
            tables.read("clusters"));
    DedupData.SourceFunnel total = figures.total();
    metrics(figures, total);
    ReportFile.write(context, DedupPage.render(data(figures, total)));
  }

  private void metrics(DedupFigures figures, DedupData.SourceFunnel total) {
    DedupData.Amount went = went(total);
    context.record().metric("bytes_in", total.in().bytes());
    context.record().metric("bytes_removed", went.bytes());
    context.record().metric("words_in", total.in().words());
    context.record().metric("words_removed", went.words());
    double worst = 0;
    for (DedupData.SourceFunnel source : figures.sources) {
      double lost = went(source).documents();
      worst = Math.max(worst, lost / Math.max(1, source.in().documents()));
    }
    context.record().metric("largest_source_loss", worst);
    StageReport duplicates = stages.get(DuplicatesStage.NAME);
    double largest = duplicates.metrics().getOrDefault("dedup_largest_cluster", 0.0);
    context.record().metric("largest_cluster_share", largest / Math.max(1, total.in().documents()));
  }

  private static DedupData.Amount went(DedupData.SourceFunnel source) {
    return source.removed().values().stream().reduce(DedupData.Amount.NONE, DedupData.Amount::plus);
  }

  private DedupData data(DedupFigures figures, DedupData.SourceFunnel total) {
    DedupData.Amount went = went(total);
    return new DedupData(
        "dedup",
        String.format(
            Locale.ROOT,
            "Removed %s of the documents, %s of the bytes, %s of the words.",
            percent(went.documents(), total.in().documents()),
            percent(went.bytes(), total.in().bytes()),
            percent(went.words(), total.in().words())),
        ReportFile.provenance(
            context,
            recipe.seed(),
            String.format(
                Locale.ROOT,
                "%,d documents, %,d bytes, %,d words",
                total.in().documents(),
                total.in().bytes(),
                total.in().words())),
        tiles(total, went),
        ReportFile.ledger(stages),
        figures.sources,
        figures.sizes(),
        figures.largest(),
        figures.overlap(),
        new ArrayList<>(context.warnings()),
        ReportFile.settings(context),
        rerun(),
        List.of(
            "A word is a run of characters other than white space, in every language.",
            "Overlap counts documents in common clusters; a cluster of three sources counts for"
                + " each pair of them."));
  }

  private List<ReportData.Tile> tiles(DedupData.SourceFunnel total, DedupData.Amount went) {
    LedgerEntry ledger = stages.get(DuplicatesStage.NAME).ledger();
    Map<String, Double> metrics = stages.get(DuplicatesStage.NAME).metrics();
    boolean balanced = stages.values().stream().allMatch(stage -> stage.ledger().balanced());
    List<ReportData.Tile> tiles = new ArrayList<>();
    tiles.add(
        new ReportData.Tile(
            "documents kept",
            count(ledger.out()),
            "of %s".formatted(count(total.in().documents())),
            true));
    tiles.add(
        new ReportData.Tile(
            "removed",
            count(went.documents()),
            total.removed().entrySet().stream()
                .map(
                    cause ->
                        count(cause.getValue().documents())
                            + " "
                            + cause.getKey().replace('_', ' '))
                .reduce((a, b) -> a + ", " + b)
                .orElse("nothing"),
            true));
    tiles.add(
        new ReportData.Tile(
            "clusters",
            count(metrics.getOrDefault("dedup_clusters", 0.0).longValue()),
            "the largest holds %s documents"
                .formatted(count(metrics.getOrDefault("dedup_largest_cluster", 0.0).longValue())),
            true));
    tiles.add(ReportData.Tile.ledger(balanced, stages.size()));
    return tiles;
  }

  private List<String> rerun() {
    String out = recipe.run().folder().isEmpty() ? context.dir().toString() : recipe.run().folder();
    return List.of(
        "# what went, and for which document",
        "spark.read.parquet(\"" + out + "/tables/removed_duplicates\")",
        "# go on to batches with the same recipe",
        "bin/batchwright prepare --recipe RECIPE.yaml --out " + out);
  }

  private static String percent(long part, long all) {
    return String.format(Locale.ROOT, "%.1f %%", 100.0 * part / Math.max(1, all));
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
