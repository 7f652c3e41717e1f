package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import io.batchwright.jobs.bench.BenchTable;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Matrix products through the engine beside bare calls of the library that it uses, in turn; alone
 * where it multiplies in Java.
 */
final class ProductSection {
  private static final int[][] SHAPES = {{2048, 1536, 384}, {4096, 256, 256}, {2048, 2048, 512}};
  private static final int CALLS = 8;

  void measure(Bench bench) {
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("products")) {
      List<String> names = BareProducts.names(backend.provider());
      BenchTable.Builder table = BenchTable.of("Matrix products", columns(names));
      double[] shares = new double[SHAPES.length];
      for (int i = 0; i < SHAPES.length; i++) {
        int[] shape = SHAPES[i];
        double[] best = best(backend, arena, shape, bench.recipe().size(15, 60));
        double library = Arrays.stream(best, 1, best.length).min().orElse(Double.NaN);
        shares[i] = library / best[0];
        table.row(row(shape, best, shares[i]));
      }
      if (names.isEmpty()) {
        bench.notMeasured("engine_gemm_share_of_native", "no native library multiplies here");
      } else {
        bench.figure("engine_gemm_share_of_native", "share", shares);
      }
      bench.table(
          table.note(
              "%s, one thread; the best of each, %d calls. The share is of the library's best."
                  .formatted(backend.provider(), CALLS)));
    }
  }

  private static String[] columns(List<String> names) {
    List<String> columns = new ArrayList<>(List.of("m, n, k", "ours, GF/s"));
    names.forEach(name -> columns.add(name + ", GF/s"));
    columns.add("share");
    return columns.toArray(String[]::new);
  }

  private static String[] row(int[] shape, double[] seconds, double share) {
    double work = 2.0 * shape[0] * shape[1] * shape[2] * CALLS / 1e9;
    List<String> row = new ArrayList<>(List.of(Arrays.toString(shape)));
    for (double time : seconds) {
      row.add(String.format(Locale.ROOT, "%.1f", work / time));
    }
    row.add(Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.3f", share));
    return row.toArray(String[]::new);
  }

  /** The lowest seconds of some calls by us, and by each of the library's calls. */
  private static double[] best(Backend backend, Arena arena, int[] shape, int rounds) {
    int m = shape[0];
    int n = shape[1];
    int k = shape[2];
    Tensor x = drawn(arena, "left factor", m, k);
    Tensor w = drawn(arena, "right factor", n, k);
    Tensor y = arena.allocate("product", DType.F32, m, n);
    try (BareProducts bare = new BareProducts(backend.provider(), x, w, y)) {
      List<Runnable> calls = new ArrayList<>();
      calls.add(() -> backend.matmul(x, false, w, true, 1, 0, y));
      calls.addAll(bare.calls().values());
      double[] best = new double[calls.size()];
      Arrays.fill(best, Double.POSITIVE_INFINITY);
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < best.length; i++) {
          best[i] = Math.min(best[i], seconds(calls.get(i)));
        }
      }
      return best;
    }
  }

  private static Tensor drawn(Arena arena, String label, int rows, int columns) {
    RandomStream random = RandomStream.of(1, label, 0, 0);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.gaussianAt(i);
    }
    return arena.floats(label, values, rows, columns);
  }

  private static double seconds(Runnable product) {
    long start = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      product.run();
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
