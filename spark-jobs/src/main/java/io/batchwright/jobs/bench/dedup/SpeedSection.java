package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.Tier;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Speed from Parquet to Parquet, ours on three data sets and two peers on one. */
final class SpeedSection {
  private static final double THRESHOLD = 0.8;
  private static final int WARM_RUNS = 3;

  void measure(Bench bench) throws Exception {
    BenchTable.Builder table =
        BenchTable.of(
            "Parquet to Parquet", "data", "documents", "MB", "seconds", "MB/s a core", "removed");
    sources(bench, table);
    further(bench, table, "methods", Corpora.methods(bench));
    ExtraData data = ExtraData.of(bench);
    Optional<String> multisource = Optional.empty();
    if (data.hasMultisource()) {
      String path = bench.write("multisource", data.multisource().repartition(8));
      further(bench, table, "multisource", path);
      multisource = Optional.of(path);
    } else {
      bench.notMeasured("dedup_mb_per_core_second_multisource", data.missing("multisource"));
    }
    bench.table(
        table.note(
            "MB of UTF-8 text; reading, deduplication and writing of kept, removed and clusters"
                + " included, start of the JVM and of Spark not. Cold: the first deduplication in"
                + " this process, which has written its input before; warm: the median of later"
                + " runs. Sources: files of the -sources jars, one document a file; methods: the"
                + " javadoc corpus, one document a method."));
    peers(bench, Corpora.sources(bench, Corpora.every(bench, 8, 3)), "");
    if (bench.recipe().tier() == Tier.FULL && multisource.isPresent()) {
      peers(bench, multisource.get(), "_multisource");
    }
  }

  private static void sources(Bench bench, BenchTable.Builder table) {
    String input = Corpora.sources(bench);
    TextSize size = TextSize.of(bench.spark(), input);
    HeapPeak heap = HeapPeak.start();
    DedupRun cold = ours(bench, input);
    bench.figure("dedup_cold_mb_per_core_second", "MB/s", size.rate(cold.seconds(), bench.cores()));
    row(bench, table, "sources, cold", size, cold.seconds(), cold);
    double[] seconds = warm(bench, input);
    bench.figure("dedup_mb_per_core_second", "MB/s", rates(bench, size, seconds));
    row(bench, table, "sources, warm", size, median(seconds), cold);
    bench.figure("dedup_peak_heap_gb_per_core", "GB", heap.gigabytes() / bench.cores());
  }

  private static void further(Bench bench, BenchTable.Builder table, String name, String input) {
    TextSize size = TextSize.of(bench.spark(), input);
    DedupRun first = ours(bench, input);
    double[] seconds = warm(bench, input);
    bench.figure("dedup_mb_per_core_second_" + name, "MB/s", rates(bench, size, seconds));
    row(bench, table, name + ", warm", size, median(seconds), first);
  }

  /**
   * @param suffix of the metrics' names
   */
  private static void peers(Bench bench, String input, String suffix) throws Exception {
    TextSize size = TextSize.of(bench.spark(), input);
    BenchTable.Builder table =
        BenchTable.of(
            "Against peers, same documents and cores" + suffix.replace('_', ' '),
            "system",
            "seconds, warm",
            "MB/s a core",
            "removed",
            "times ours");
    DedupRun first = ours(bench, input);
    double[] ours = warm(bench, input);
    double base = median(ours);
    row(bench, table, "Batchwright", size, base, first.figures().get("removed"), 1);
    MllibPeer mllib = MllibPeer.reaching(MinHashLsh.PAPER.recallAt(THRESHOLD), THRESHOLD);
    peer(bench, table, "mllib" + suffix, mllib, input, size, base);
    peer(bench, table, "plain_spark" + suffix, new PlainSparkPeer(THRESHOLD), input, size, base);
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "%,d documents, %.1f MB. Word 5-grams, Jaccard 0.8 and equal texts for all."
                    + " MLlib: MinHashLSH with %d tables (%.3f of pairs at 0.8; our 16 bands of 8"
                    + " find %.3f) on equal texts collapsed first, 2^20 binary features,"
                    + " approxSimilarityJoin, a document goes if a lower id is similar. Plain"
                    + " Spark: SuperMinHash of hash4j in 16 bands of 8, self-join, exact"
                    + " verification, components by least labels. Ours: the median of three after"
                    + " one to warm up; theirs: the better of two.",
                size.documents(),
                size.megabytes(),
                mllib.tables(),
                1 - Math.pow(1 - THRESHOLD, mllib.tables()),
                MinHashLsh.PAPER.recallAt(THRESHOLD))));
  }

  private static void peer(
      Bench bench,
      BenchTable.Builder table,
      String name,
      Peer peer,
      String input,
      TextSize size,
      double ours)
      throws Exception {
    long limit = bench.recipe().tier() == Tier.FULL ? 600 : 240;
    String metric = "dedup_speedup_over_" + name;
    try {
      PeerRun cold = PeerRun.of(bench.spark(), peer, input, bench.work(name), limit);
      PeerRun again = PeerRun.of(bench.spark(), peer, input, bench.work(name), limit);
      PeerRun warm = again.seconds() < cold.seconds() ? again : cold;
      bench.figure(metric, "ratio", warm.seconds() / ours);
      bench.figure(name + "_mb_per_core_second", "MB/s", size.rate(warm.seconds(), bench.cores()));
      row(bench, table, name, size, warm.seconds(), warm.removed(), warm.seconds() / ours);
    } catch (TimeoutException e) {
      bench.notMeasured(metric, name + " did not finish within " + limit + " s");
    }
  }

  private static DedupRun ours(Bench bench, String input) {
    return DedupRun.of(bench.spark(), Deduplicate.DEFAULTS, input, bench.work("ours"));
  }

  private static double[] warm(Bench bench, String input) {
    double[] seconds = new double[WARM_RUNS];
    Arrays.setAll(seconds, run -> ours(bench, input).seconds());
    return seconds;
  }

  private static double[] rates(Bench bench, TextSize size, double[] seconds) {
    return Arrays.stream(seconds).map(time -> size.rate(time, bench.cores())).toArray();
  }

  private static double median(double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void row(
      Bench bench,
      BenchTable.Builder table,
      String name,
      TextSize size,
      double seconds,
      DedupRun run) {
    table.row(
        name,
        String.format(Locale.ROOT, "%,d", size.documents()),
        String.format(Locale.ROOT, "%.1f", size.megabytes()),
        String.format(Locale.ROOT, "%.2f", seconds),
        String.format(Locale.ROOT, "%.2f", size.rate(seconds, bench.cores())),
        String.format(Locale.ROOT, "%,d", run.figures().get("removed")));
    bench.say(
        "  %-18s %6.2f s, %.2f MB/s a core", name, seconds, size.rate(seconds, bench.cores()));
  }

  private static void row(
      Bench bench,
      BenchTable.Builder table,
      String name,
      TextSize size,
      double seconds,
      long removed,
      double times) {
    table.row(
        name,
        String.format(Locale.ROOT, "%.2f", seconds),
        String.format(Locale.ROOT, "%.2f", size.rate(seconds, bench.cores())),
        String.format(Locale.ROOT, "%,d", removed),
        String.format(Locale.ROOT, "%.1f", times));
    bench.say("  %-18s %6.2f s, %.1f times ours", name, seconds, times);
  }
}
