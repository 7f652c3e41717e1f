package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** Matrix products through the engine beside bare calls of OpenBLAS, in turn. */
final class ProductSection {
  private static final int[][] SHAPES = {{2048, 1536, 384}, {4096, 256, 256}, {2048, 2048, 512}};
  private static final int CALLS = 8;

  void measure(Bench bench) {
    BenchTable.Builder table =
        BenchTable.of("Matrix products", "m, n, k", "ours, GF/s", "OpenBLAS, GF/s", "share");
    double[] shares = new double[SHAPES.length];
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("products")) {
      if (!backend.provider().contains("openblas")) {
        bench.notMeasured("engine_gemm_share_of_native", "OpenBLAS does not load here");
        return;
      }
      for (int i = 0; i < SHAPES.length; i++) {
        double[] best = best(backend, arena, SHAPES[i], bench.recipe().size(15, 60));
        double work = 2.0 * SHAPES[i][0] * SHAPES[i][1] * SHAPES[i][2] * CALLS / 1e9;
        shares[i] = best[1] / best[0];
        table.row(
            Arrays.toString(SHAPES[i]),
            String.format(Locale.ROOT, "%.1f", work / best[0]),
            String.format(Locale.ROOT, "%.1f", work / best[1]),
            String.format(Locale.ROOT, "%.3f", shares[i]));
      }
      bench.figure("engine_gemm_share_of_native", "share", shares);
      bench.table(
          table.note(
              "%s, one thread; the best of each, %d calls.".formatted(backend.provider(), CALLS)));
    }
  }

  /** The lowest seconds of some calls by us and by the library. */
  private static double[] best(Backend backend, Arena arena, int[] shape, int rounds) {
    int m = shape[0];
    int n = shape[1];
    int k = shape[2];
    Tensor x = arena.zeros("x", DType.F32, m, k);
    Tensor w = arena.zeros("w", DType.F32, n, k);
    Tensor y = arena.zeros("y", DType.F32, m, n);
    double[] best = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    try (FloatPointer a = new FloatPointer((long) m * k).zero();
        FloatPointer b = new FloatPointer((long) n * k).zero();
        FloatPointer c = new FloatPointer((long) m * n).zero()) {
      for (int round = 0; round < rounds; round++) {
        best[0] = Math.min(best[0], seconds(() -> backend.matmul(x, false, w, true, 1, 0, y)));
        best[1] = Math.min(best[1], seconds(() -> bare(m, n, k, a, b, c)));
      }
    }
    return best;
  }

  private static void bare(int m, int n, int k, FloatPointer a, FloatPointer b, FloatPointer c) {
    openblas_nolapack.cblas_sgemm(
        openblas_nolapack.CblasRowMajor,
        openblas_nolapack.CblasNoTrans,
        openblas_nolapack.CblasTrans,
        m,
        n,
        k,
        1f,
        a,
        k,
        b,
        k,
        0f,
        c,
        n);
  }

  private static double seconds(Runnable product) {
    long start = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      product.run();
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
