package io.batchwright.jobs.bench.negatives;

import io.batchwright.data.search.ExactSearch;
import io.batchwright.data.search.Similarity;
import io.batchwright.data.search.TopK;
import io.batchwright.data.search.VectorRows;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Exact search by several threads, each with a share of the queries and a backend of its own. */
final class ParallelSearch {
  private ParallelSearch() {}

  static TopK.Best[] search(float[][] queries, float[][] documents, int k, int threads)
      throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<TopK.Best[]>> parts = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int from = (int) ((long) t * queries.length / threads);
        int to = (int) ((long) (t + 1) * queries.length / threads);
        parts.add(pool.submit(() -> search(Arrays.copyOfRange(queries, from, to), documents, k)));
      }
      List<TopK.Best> all = new ArrayList<>();
      for (Future<TopK.Best[]> part : parts) {
        all.addAll(Arrays.asList(part.get()));
      }
      return all.toArray(TopK.Best[]::new);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a search failed", e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private static TopK.Best[] search(float[][] queries, float[][] documents, int k) {
    try (Backend backend = Backends.cpu()) {
      return new ExactSearch(1024, 4096, false)
          .search(backend, VectorRows.of(queries), VectorRows.of(documents), Similarity.COSINE, k);
    }
  }
}
