package io.batchwright.kernel.check;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The best columns of rows that stream by. */
final class SearchCases {
  private static final int TILES = 3;

  private SearchCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    for (int k : new int[] {1, 10, 1000}) {
      for (int[] shape :
          new int[][] {{1, 1}, {7, 1025}, {extent.of(3, 300), extent.of(3000, 32_768)}}) {
        cases.add(
            new KernelCase(
                "search",
                "best %d of %d tiles [%d, %d]".formatted(k, TILES, shape[0], shape[1]),
                0,
                run -> keepBest(run, k, shape[0], shape[1])));
      }
    }
    return cases;
  }

  private static void keepBest(CaseRun run, int k, int rows, int columns) {
    Backend b = run.backend();
    Tensor best = run.result("best", run.arena().allocate("best", DType.F32, rows, k));
    Tensor ordinals = run.result("ordinals", run.arena().allocate("ordinals", DType.I32, rows, k));
    b.fill(best, Double.NEGATIVE_INFINITY);
    b.fill(ordinals, -1);
    for (int t = 0; t < TILES; t++) {
      Tensor scores = run.normal("scores " + t, DType.F32, rows, columns);
      b.keepBest(scores, columns, t * columns, best, ordinals);
    }
  }
}
