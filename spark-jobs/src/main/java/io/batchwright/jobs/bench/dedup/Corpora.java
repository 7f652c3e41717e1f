package io.batchwright.jobs.bench.dedup;

import io.batchwright.data.corpus.CorpusTables;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.Tier;
import io.batchwright.jobs.javadoc.JavadocCorpus;
import io.batchwright.jobs.javadoc.JavadocSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;

/** Data sets as Parquet in the working folder, each made once. */
final class Corpora {
  private static final int FILES = 8;

  private Corpora() {}

  /** The larger part of the jars' Java files, one document a file. */
  static String sources(Bench bench) {
    return sources(bench, every(bench, 4, 1));
  }

  /** One file in how many, at this tier and scale. */
  static int every(Bench bench, int quick, int full) {
    int every = bench.recipe().tier() == Tier.FULL ? full : quick;
    return (int) Math.max(1, Math.round(every / bench.recipe().scale()));
  }

  /** One Java file in {@code every} of the jars, chosen by a hash of its path. */
  static String sources(Bench bench, int every) {
    String name = "sources-" + every;
    if (missing(bench, name)) {
      bench.write(
          name,
          SourceFiles.documents(bench.spark(), bench.recipe().jarsDir(), every).repartition(FILES));
    }
    return bench.work(name);
  }

  /** The methods of the javadoc corpus. */
  static String methods(Bench bench) {
    if (missing(bench, "methods")) {
      JavadocSource source = JavadocSource.DEFAULTS.withJarsDir(bench.recipe().jarsDir());
      String rows = bench.write("corpus-rows", JavadocCorpus.read(bench.spark(), source));
      bench.write(
          "methods",
          CorpusTables.of(bench.spark().read().parquet(rows))
              .documents()
              .select("doc_id", "source", "text")
              .repartition(FILES));
    }
    return bench.work("methods");
  }

  private static boolean missing(Bench bench, String name) {
    Path done = new Path(bench.work(name), "_SUCCESS");
    try {
      return !done.getFileSystem(bench.spark().sessionState().newHadoopConf()).exists(done);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
