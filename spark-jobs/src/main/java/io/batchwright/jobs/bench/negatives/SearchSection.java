package io.batchwright.jobs.bench.negatives;

import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.TopK;
import io.batchwright.data.search.VectorRows;
import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Exact search: which share of the machine's measured matrix products it reaches, by the processor
 * seconds of one thread, and how it stands beside faiss on all cores.
 */
final class SearchSection {
  private static final int PEAK = 2048;
  private static final int ROUNDS = 3;
  private static final int[] NEIGHBOURS = {10, 100};

  /** What is searched. */
  private record Size(int documents, int dims) {}

  void measure(Bench bench) throws IOException, InterruptedException {
    BenchTable.Builder table =
        BenchTable.of(
            "Exact search",
            "documents x dims",
            "queries",
            "k",
            "GF/s, one thread",
            "share of the peak",
            "seconds, all cores",
            "faiss, seconds",
            "times as fast as faiss");
    double peak = peak();
    bench.figure("gemm_peak_gflops", "GF/s", peak);
    for (Size size : new Size[] {new Size(100_000, 256), new Size(50_000, 768)}) {
      Size scaled =
          new Size((int) Math.max(1_000, size.documents() * bench.recipe().scale()), size.dims());
      measure(bench, table, scaled, peak);
    }
    bench.table(
        table.note(
            String.format(
                Locale.ROOT,
                "Unit vectors of random numbers; operations counted as 2 Q N D. The peak is the best of"
                    + " some products of %d x %d by the same backend on one thread, %.1f GF/s. faiss is"
                    + " Debian's flat index on the same vectors with as many threads as cores, in a"
                    + " process of its own; its results agree with ours. All cores: a thread a core,"
                    + " each with its share of the queries, as Spark's tasks have it.",
                PEAK,
                PEAK,
                peak)));
  }

  private void measure(Bench bench, BenchTable.Builder table, Size size, double peak)
      throws IOException, InterruptedException {
    int queries = bench.recipe().size(2_048, 4_096);
    float[][] documents = SyntheticVectors.unit("search.documents", size.documents(), size.dims());
    float[][] asked = SyntheticVectors.unit("search.queries", queries, size.dims());
    Path folder = Files.createTempDirectory("batchwright-search-");
    try {
      SyntheticVectors.write(folder.resolve("documents.f32"), documents);
      SyntheticVectors.write(folder.resolve("queries.f32"), asked);
      for (int k : NEIGHBOURS) {
        double work = 2.0 * queries * size.documents() * size.dims() / 1e9;
        double[] shares = new double[ROUNDS];
        double[] walls = new double[ROUNDS];
        TopK.Best[] found = null;
        for (int round = 0; round < ROUNDS; round++) {
          shares[round] = work / processorSeconds(asked, documents, k) / peak;
          long start = System.nanoTime();
          found = ParallelSearch.search(asked, documents, k, bench.cores());
          walls[round] = (System.nanoTime() - start) / 1e9;
        }
        Optional<FaissPeer.Result> faiss =
            FaissPeer.run(
                bench, folder, new FaissPeer.Task(size.documents(), queries, size.dims(), k));
        String suffix = "_d" + size.dims() + (k == NEIGHBOURS[0] ? "" : "_k" + k);
        bench.figure("search_share_of_gemm_peak" + suffix, "share", shares);
        double best = Arrays.stream(walls).min().orElseThrow();
        String ratio = "-";
        if (faiss.isPresent()) {
          faiss.get().requireSame(found);
          bench.figure("search_speedup_over_faiss" + suffix, "ratio", faiss.get().seconds() / best);
          ratio = text("%.2f", faiss.get().seconds() / best);
        } else {
          bench.notMeasured("search_speedup_over_faiss" + suffix, FaissPeer.MISSING);
        }
        double share = Arrays.stream(shares).sorted().toArray()[ROUNDS / 2];
        table.row(
            text("%,d x %d", size.documents(), size.dims()),
            text("%,d", queries),
            Integer.toString(k),
            text("%.1f", share * peak),
            text("%.3f", share),
            text("%.2f", best),
            faiss.map(result -> text("%.2f", result.seconds())).orElse("-"),
            ratio);
      }
    } finally {
      ChildBench.delete(folder);
    }
  }

  private static double processorSeconds(float[][] queries, float[][] documents, int k) {
    try (Backend backend = Backends.cpu()) {
      long start = processorTime();
      new ExactSearch(1024, 4096, false)
          .search(backend, VectorRows.of(queries), VectorRows.of(documents), Similarity.COSINE, k);
      return (processorTime() - start) / 1e9;
    }
  }

  /** GF/s of the best of some square products, by processor time. */
  static double peak() {
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("peak")) {
      Tensor x = arena.zeros("x", DType.F32, PEAK, PEAK);
      Tensor y = arena.zeros("y", DType.F32, PEAK, PEAK);
      Tensor z = arena.zeros("z", DType.F32, PEAK, PEAK);
      double best = Double.POSITIVE_INFINITY;
      for (int round = 0; round < 8; round++) {
        long start = processorTime();
        backend.matmul(x, false, y, true, 1, 0, z);
        best = Math.min(best, (processorTime() - start) / 1e9);
      }
      return 2.0 * PEAK * PEAK * PEAK / 1e9 / best;
    }
  }

  static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
