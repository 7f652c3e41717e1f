package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.SignatureScheme;
import io.batchwright.data.dedup.Signer;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Encoders;

/** The default signature on one thread, texts in memory. */
final class SignatureSection {
  private static final int PASSES = 9;
  private static final int WARM_UP = 3;

  void measure(Bench bench) {
    List<String> texts =
        bench
            .spark()
            .read()
            .parquet(Corpora.sources(bench, 1))
            .where("length(text) between 2000 and 12000")
            .orderBy("doc_id")
            .limit(bench.recipe().size(1000, 2000))
            .select("text")
            .as(Encoders.STRING())
            .collectAsList();
    long bytes =
        texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum();
    SignatureScheme scheme = MinHashLsh.PAPER.scheme();
    Signer signer = scheme.signer();
    double[] rates = new double[PASSES];
    int sink = 0;
    for (int pass = -WARM_UP; pass < PASSES; pass++) {
      long start = System.nanoTime();
      for (String text : texts) {
        sink += signer.sign(text) ? signer.signature()[0] : 1;
      }
      if (pass >= 0) {
        rates[pass] = bytes / 1e6 / ((System.nanoTime() - start) / 1e9);
      }
    }
    bench.figure("signature_mb_per_core_second", "MB/s", rates);
    bench.table(
        BenchTable.of("Signatures", "kernel", "documents", "mean kB", "MB/s on one thread")
            .row(
                "default, " + scheme.permutations() + " bins",
                Integer.toString(texts.size()),
                String.format(Locale.ROOT, "%.1f", bytes / 1e3 / texts.size()),
                String.format(
                    Locale.ROOT, "%.1f", Arrays.stream(rates).sorted().toArray()[PASSES / 2]))
            .note("From String to signature; checksum " + Integer.toHexString(sink) + "."));
  }
}
