package io.batchwright.jobs.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class BareProductsTest {
  private static final int M = 5;
  private static final int N = 7;
  private static final int K = 3;

  @Test
  void aProviderIsComparedWithTheLibraryThatItNamesFirst() {
    assertThat(BareProducts.names("onednn 3.11.0 for 0xfef and openblas 0.3.31 on a processor"))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("oneDNN"));
    assertThat(BareProducts.names("openblas 0.3.31 on a processor")).containsExactly("OpenBLAS");
    assertThat(BareProducts.names("java")).isEmpty();
  }

  @Test
  void theEnginesProviderHasALibraryHere() {
    try (Backend backend = Backends.cpu()) {
      assertThat(BareProducts.names(backend.provider()).isEmpty())
          .isEqualTo(backend.provider().startsWith("java"));
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void everyCallMultiplies() {
    float[] x = BareProducts.values("x", M * K);
    float[] w = BareProducts.values("w", N * K);
    for (String provider : List.of("openblas", "onednn")) {
      try (BareProducts bare = new BareProducts(provider, x, w, K)) {
        assertThat(bare.calls()).containsOnlyKeys(BareProducts.names(provider));
        for (Map.Entry<String, Runnable> call : bare.calls().entrySet()) {
          bare.clear();
          call.getValue().run();
          float[] product = bare.product();
          for (int i = 0; i < M * N; i++) {
            assertThat(product[i]).as(call.getKey()).isCloseTo(element(x, w, i), within(1e-5f));
          }
        }
      }
    }
  }

  private static float element(float[] x, float[] w, int place) {
    double sum = 0;
    for (int l = 0; l < K; l++) {
      sum += (double) x[place / N * K + l] * w[place % N * K + l];
    }
    return (float) sum;
  }
}
