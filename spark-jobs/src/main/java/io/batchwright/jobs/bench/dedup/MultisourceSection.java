package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.Scope;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import java.util.Locale;

/** Removals inside each of ten sources, and across them. */
final class MultisourceSection {
  void measure(Bench bench) {
    ExtraData data = ExtraData.of(bench);
    if (!data.hasMultisource()) {
      bench.notMeasured("dedup_removed_global_multisource", data.missing("multisource"));
      return;
    }
    String input = bench.write("multisource", data.multisource().repartition(8));
    BenchTable.Builder table =
        BenchTable.of("multisource, removals", "J", "bands", "local", "global");
    row(bench, table, input, 0.8, DedupRun.lsh(0.8, 16, 8));
    row(bench, table, input, 0.5, DedupRun.lsh(0.5, 32, 4));
    bench.table(
        table.note(
            "Local: inside each source; global: across all. Connected components of the data set's"
                + " own list of pairs remove 667 and 674 at 0.8, 1,844 and 2,073 at 0.5; a document"
                + " that is similar to no survivor stays here, so fewer go."));
  }

  private static void row(
      Bench bench, BenchTable.Builder table, String input, double threshold, MinHashLsh lsh) {
    long local = removed(bench, input, lsh, Scope.PER_SOURCE);
    long global = removed(bench, input, lsh, Scope.GLOBAL);
    String suffix = "_multisource_j" + Math.round(threshold * 100);
    bench.figure("dedup_removed_local" + suffix, "documents", local);
    bench.figure("dedup_removed_global" + suffix, "documents", global);
    table.row(
        String.format(Locale.ROOT, "%.1f", threshold),
        lsh.bands() + " x " + lsh.rows(),
        String.format(Locale.ROOT, "%,d", local),
        String.format(Locale.ROOT, "%,d", global));
  }

  private static long removed(Bench bench, String input, MinHashLsh lsh, Scope scope) {
    return DedupRun.of(
            bench.spark(), DedupRun.with(lsh, scope), input, bench.work("multisource-out"))
        .removed()
        .count();
  }
}
