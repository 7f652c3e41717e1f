package io.batchwright.data.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeptBestTest {
  private static final int QUERIES = 1500; // more than are copied at once

  /** Three values at most: ties everywhere. */
  @ParameterizedTest
  @CsvSource({"1, 64", "7, 64", "70, 64", "1, 256", "70, 256"})
  void whatIsKeptOnTheDeviceIsWhatIsKeptOnTheHost(int k, int width) {
    RandomStream random = RandomStream.of(4, "scores", 0, 0);
    try (Backend backend = Backends.select("java");
        Arena arena = backend.arena("test")) {
      Tensor scores = arena.allocate("scores", DType.F32, 1000, width);
      KeptBest onHost = new KeptOnHost(backend, arena, QUERIES, k, scores, true);
      KeptBest onDevice = new KeptOnDevice(backend, arena, QUERIES, k);
      int draw = 0;
      for (int d = 0; d < width + 36; d += width) {
        for (int q = 0; q < QUERIES; q += 1000) {
          float[] values = new float[1000 * width];
          for (int i = 0; i < values.length; i++) {
            values[i] = random.belowAt(draw++, 3) - 1;
          }
          scores.copyFrom(values);
          onHost.offer(scores, q, d, Math.min(width, width + 36 - d));
          onDevice.offer(scores, q, d, Math.min(width, width + 36 - d));
        }
      }
      TopK.Best[] expected = onHost.best();
      TopK.Best[] got = onDevice.best();
      assertThat(got).hasSameSizeAs(expected);
      for (int q = 0; q < QUERIES; q++) {
        assertThat(got[q].documents()).containsExactly(expected[q].documents());
        assertThat(got[q].scores()).containsExactly(expected[q].scores());
      }
    }
  }
}
