package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.SignatureScheme;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;

/** Recall and precision on the ScanCode licence rules, all of whose similar pairs are known. */
final class LicensesSection {
  private static final double THRESHOLD = 0.8;
  private static final double ROUNDING = 6e-4;

  void measure(Bench bench) {
    ExtraData data = ExtraData.of(bench);
    if (!data.hasLicenses()) {
      String reason = data.missing("licenses-scancode");
      bench.notMeasured("dedup_precision_licenses", reason);
      bench.notMeasured("dedup_recall_j80_licenses", reason);
      return;
    }
    String input = bench.write("licenses", data.licenses().repartition(4));
    Map<String, String> texts = new HashMap<>();
    bench
        .spark()
        .read()
        .parquet(input)
        .select("doc_id", "text")
        .collectAsList()
        .forEach(row -> texts.put(row.getString(0), row.getString(1)));
    Map<String, Map<String, Double>> truth = new HashMap<>();
    RecallBin[] bins = new RecallBin[6];
    for (int i = 0; i < bins.length; i++) {
      bins[i] = new RecallBin();
    }
    pairs(data, texts, truth, bins);
    BenchTable.Builder table =
        BenchTable.of("licenses-scancode, recall of all pairs", "J", "pairs", "recall", "curve");
    for (int i = 0; i < bins.length; i++) {
      String from =
          i < 5
              ? String.format(Locale.ROOT, "%.1f to %.1f", 0.5 + i / 10.0, 0.6 + i / 10.0)
              : "1.0";
      table.row(
          from,
          String.format(Locale.ROOT, "%,d", bins[i].pairs()),
          String.format(Locale.ROOT, "%.4f", bins[i].recall()),
          String.format(Locale.ROOT, "%.4f", bins[i].expected()));
    }
    bench.figure("dedup_recall_j80_licenses", "share of pairs", bins[3].recall());
    bench.table(
        table.note(
            "A pair is found where the signatures agree in all eight values of one of 16 bands."
                + " Heavy clusters make the pairs depend on each other, so a bin may lie further"
                + " from the curve than its number of pairs says. "
                + precision(bench, input, truth)));
  }

  private static void pairs(
      ExtraData data,
      Map<String, String> texts,
      Map<String, Map<String, Double>> truth,
      RecallBin[] bins) {
    MinHashLsh lsh = MinHashLsh.PAPER;
    SignatureScheme scheme = lsh.scheme();
    Map<String, int[]> signatures = new HashMap<>();
    for (Row row : data.licensePairs().collectAsList()) {
      String a = row.getString(0);
      String b = row.getString(1);
      double jaccard = Double.parseDouble(row.getString(2));
      if (!texts.containsKey(a) || !texts.containsKey(b)) {
        continue; // of the part that is kept apart
      }
      truth.computeIfAbsent(a, any -> new HashMap<>()).put(b, jaccard);
      truth.computeIfAbsent(b, any -> new HashMap<>()).put(a, jaccard);
      int[] left = signatures.computeIfAbsent(a, id -> scheme.signature(texts.get(id)));
      int[] right = signatures.computeIfAbsent(b, id -> scheme.signature(texts.get(id)));
      bins[(int) Math.min(5, Math.floor((jaccard - 0.5) * 10 + 1e-9))].add(
          lsh.recallAt(jaccard), shareABand(left, right, lsh.bands(), lsh.rows()));
    }
  }

  /** Removals at 0.8 whose pair stands in the list with the similarity that the run reports. */
  private static String precision(
      Bench bench, String input, Map<String, Map<String, Double>> truth) {
    DedupRun run =
        DedupRun.of(bench.spark(), DedupRun.at(THRESHOLD), input, bench.work("licenses-out"));
    List<String> wrong = new ArrayList<>();
    int right = 0;
    for (Row row :
        run.removed()
            .where("reason = 'near_duplicate'")
            .select("doc_id", "survivor_id", "similarity")
            .collectAsList()) {
      double listed =
          truth.getOrDefault(row.getString(0), Map.of()).getOrDefault(row.getString(1), 0.0);
      if (listed >= THRESHOLD - ROUNDING && Math.abs(listed - row.getDouble(2)) < ROUNDING) {
        right++;
      } else {
        wrong.add(row.getString(0));
      }
    }
    double precision = right + wrong.size() == 0 ? 1 : (double) right / (right + wrong.size());
    bench.figure("dedup_precision_licenses", "share of removals", precision);
    return String.format(
        Locale.ROOT,
        "At 0.8, %,d near-duplicates were removed, of which %,d (%.4f) stand in the list with their"
            + " survivor at 0.8 or more and at the similarity that the run reports%s.",
        right + wrong.size(),
        right,
        precision,
        wrong.isEmpty() ? "" : "; not: " + wrong.subList(0, Math.min(3, wrong.size())));
  }

  private static boolean shareABand(int[] a, int[] b, int bands, int rows) {
    if (a == null || b == null) {
      return false;
    }
    for (int band = 0; band < bands; band++) {
      boolean equal = true;
      for (int row = band * rows; equal && row < (band + 1) * rows; row++) {
        equal = a[row] == b[row];
      }
      if (equal) {
        return true;
      }
    }
    return false;
  }
}
