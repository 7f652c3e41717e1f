package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.dedup.PlantedSet.Planted;
import io.batchwright.jobs.bench.dedup.PlantedSet.PlantedPair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Quality on planted near-duplicates of known similarity, and on adversaries. */
final class PlantedSection {
  private static final double THRESHOLD = 0.8;

  /** Below every planted similarity, so that each candidate pair shows in what is removed. */
  private static final double CANDIDATES = 0.45;

  void measure(Bench bench) {
    PlantedSet.Sizes sizes =
        new PlantedSet.Sizes(
            bench.recipe().size(60, 400),
            bench.recipe().size(4, 20),
            bench.recipe().size(200, 1000),
            bench.recipe().size(10_000_000, 10_000_000));
    PlantedSet set = Planting.of(BaseTexts.of(bench, sizes.bases()), sizes, bench.recipe().seed());
    recall(bench, set);
    quality(bench, set);
  }

  private static void recall(Bench bench, PlantedSet set) {
    List<Planted> documents = new ArrayList<>();
    for (PlantedPair pair : set.pairs()) {
      documents.add(set.documents().get(pair.a()));
      documents.add(set.documents().get(pair.b()));
    }
    String input = write(bench, "planted-pairs", documents);
    DedupRun run =
        DedupRun.of(bench.spark(), DedupRun.at(CANDIDATES), input, bench.work("planted-pairs-out"));
    Set<String> removed = new HashSet<>();
    run.removed().select("doc_id").collectAsList().forEach(row -> removed.add(row.getString(0)));
    Map<Double, RecallBin> bins = new TreeMap<>();
    for (PlantedPair pair : set.pairs()) {
      boolean found =
          removed.contains(set.documents().get(pair.a()).id())
              || removed.contains(set.documents().get(pair.b()).id());
      bins.computeIfAbsent(pair.target(), any -> new RecallBin())
          .add(MinHashLsh.PAPER.recallAt(pair.jaccard()), found);
    }
    BenchTable.Builder table =
        BenchTable.of(
            "Recall by similarity, planted pairs", "J", "pairs", "recall", "curve", "deviation");
    int beyond = 0;
    for (Map.Entry<Double, RecallBin> bin : bins.entrySet()) {
      RecallBin counts = bin.getValue();
      beyond += Math.abs(counts.deviation()) > 2 ? 1 : 0;
      bench.figure(
          "dedup_recall_j" + Math.round(bin.getKey() * 100), "share of pairs", counts.recall());
      table.row(
          String.format(Locale.ROOT, "%.2f", bin.getKey()),
          Integer.toString(counts.pairs()),
          String.format(Locale.ROOT, "%.4f", counts.recall()),
          String.format(Locale.ROOT, "%.4f", counts.expected()),
          String.format(Locale.ROOT, "%+.2f sigma", counts.deviation()));
    }
    bench.figure("dedup_recall_bins_beyond_2_sigma", "bins", beyond);
    bench.table(
        table.note(
            "Real passages of 150 to 450 words and edited copies of computed word-5-gram"
                + " similarity, each pair unlike every other text. A pair counts as found where one"
                + " of it is removed at threshold 0.45, so the recall is that of the candidates (16"
                + " bands of 8). The curve is 1 - (1 - J^8)^16 at each pair's exact similarity;"
                + " of nine bins, one beyond 2 sigma is to be expected in one of three seeds."));
  }

  private static void quality(Bench bench, PlantedSet set) {
    List<Planted> documents = set.documents();
    String input = write(bench, "planted", documents);
    DedupRun run =
        DedupRun.of(bench.spark(), DedupRun.at(THRESHOLD), input, bench.work("planted-out"));
    List<String> texts = documents.stream().map(Planted::text).toList();
    List<ExactTruth.Pair> pairs = ExactTruth.pairs(texts, 0.3);
    PlantedQuality quality = PlantedQuality.of(documents, pairs, run.removed(), THRESHOLD);
    bench.figure("dedup_precision", "share of removals", quality.precision());
    bench.figure("dedup_wrongly_removed", "documents", quality.wronglyRemoved());
    bench.figure("dedup_missed_documents", "documents", quality.missed());
    bench.figure("dedup_bcubed_precision", "share", quality.agreement().precision());
    bench.figure("dedup_bcubed_recall", "share", quality.agreement().recall());
    bench.figure("dedup_bcubed_f1", "share", quality.agreement().f1());
    BenchTable.Builder table =
        BenchTable.of(
            "Removals by kind of document, threshold 0.8",
            "kind",
            "documents",
            "to be removed",
            "removed",
            "wrongly",
            "missed");
    quality
        .kinds()
        .forEach(
            (kind, counts) ->
                table.row(
                    kind,
                    Integer.toString(counts.documents()),
                    Integer.toString(counts.expected()),
                    Integer.toString(counts.removed()),
                    Integer.toString(counts.wrong()),
                    Integer.toString(counts.missed())));
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "To be removed: what the rule removes where all pairs are known (every pair's exact"
                    + " similarity by an inverted index over strings). Wrongly removed: without a"
                    + " document that stays at 0.8 or more. Precision: removals whose exact"
                    + " similarity to their survivor is 0.8 or more. B-cubed against the same rule:"
                    + " precision %.4f, recall %.4f, F1 %.4f.",
                quality.agreement().precision(),
                quality.agreement().recall(),
                quality.agreement().f1())));
  }

  private static String write(Bench bench, String name, List<Planted> documents) {
    List<Row> rows = new ArrayList<>();
    Map<String, Boolean> seen = new HashMap<>();
    for (Planted document : documents) {
      if (seen.put(document.id(), true) != null) {
        throw new IllegalStateException(document.id() + " is planted twice");
      }
      rows.add(RowFactory.create(document.id(), "planted", document.text()));
    }
    return bench.write(name, bench.spark().createDataFrame(rows, SourceFiles.SCHEMA));
  }
}
