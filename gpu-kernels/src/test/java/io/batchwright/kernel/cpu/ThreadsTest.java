package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Precision;
import io.batchwright.kernel.check.KernelCase;
import io.batchwright.kernel.check.KernelCases;
import io.batchwright.kernel.check.KernelCases.Extent;
import io.batchwright.kernel.check.KernelCheck;
import io.batchwright.kernel.check.KernelCheck.Outcome;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread and three give the same, with parts of any size, however small. */
@Timeout(120)
class ThreadsTest {
  private static final long SEED = 21;
  private static final int LEAST = 8;

  @Test
  void everyKernelInJavaHasTheBitsOfOneThread() {
    try (Backend one = CpuBackend.of("java", Precision.FLOAT32);
        Backend three = CpuBackend.of("java", Precision.FLOAT32, new Workers(3, LEAST))) {
      assertThat(three.provider()).isEqualTo(one.provider());
      assertThat(outcomes(one, three, exactly(KernelCases.all(Extent.SMALL))))
          .hasSizeGreaterThan(200)
          .allMatch(Outcome::passed);
    }
  }

  @Test
  void everyRoundedKernelInJavaHasThem() {
    try (Backend one = CpuBackend.of("java", Precision.BF16);
        Backend three = CpuBackend.of("java", Precision.BF16, new Workers(3, LEAST))) {
      assertThat(outcomes(one, three, exactly(KernelCases.rounded(Extent.SMALL))))
          .hasSizeGreaterThan(50)
          .allMatch(Outcome::passed);
    }
  }

  @Test
  void librariesMayDifferInLastBitsOfProductsOnly() {
    try (Backend one = CpuBackend.of("auto", Precision.FLOAT32);
        Backend three = CpuBackend.of("auto", Precision.FLOAT32, new Workers(3, LEAST))) {
      List<KernelCase> cases =
          KernelCases.all(Extent.SMALL).stream()
              .map(kernel -> kernel.group().equals("matrices") ? kernel : kernel.exactly())
              .toList();
      assertThat(outcomes(one, three, cases)).allMatch(Outcome::passed);
      assertThat(three.provider())
          .matches(name -> name.equals("java") || name.endsWith(", products on 3 threads"));
    }
  }

  @Test
  void twoRanksWithTwoThreadsEachWorkAtOnce() throws Exception {
    ExecutorService ranks = Executors.newFixedThreadPool(2);
    try {
      Callable<Void> rank =
          () -> {
            try (Backend one = CpuBackend.of("java", Precision.FLOAT32);
                Backend two = CpuBackend.of("java", Precision.FLOAT32, new Workers(2, LEAST))) {
              List<KernelCase> cases =
                  KernelCases.all(Extent.SMALL).stream()
                      .filter(kernel -> kernel.group().matches("rows|updates|attention"))
                      .toList();
              assertThat(outcomes(one, two, exactly(cases)))
                  .hasSizeGreaterThan(30)
                  .allMatch(Outcome::passed);
            }
            return null;
          };
      for (Future<Void> done : ranks.invokeAll(List.of(rank, rank))) {
        done.get();
      }
    } finally {
      ranks.shutdownNow();
    }
  }

  @Test
  void largeWorkIsSharedWithPartsOfTheirOwnSize() {
    try (Backend one = CpuBackend.of("java", Precision.FLOAT32);
        Backend three = CpuBackend.of("java", Precision.FLOAT32, new Workers(3))) {
      int rows = 3_001;
      int width = 67;
      List<double[]> results = new ArrayList<>();
      for (Backend backend : List.of(one, three)) {
        try (Arena arena = backend.arena("test")) {
          Tensor x = arena.allocate("x", DType.F32, rows, width);
          x.copyFrom(Values.normal("x", rows * width));
          Tensor y = arena.allocate("y", DType.F32, rows, width);
          backend.gelu(x, y);
          Tensor sums = arena.allocate("sums", DType.F32, width);
          backend.sum(y, 0, sums);
          results.add(y.toDoubles());
          results.add(sums.toDoubles());
          results.add(new double[] {backend.sumOfSquares(y)});
        }
      }
      for (int i = 0; i < 3; i++) {
        assertThat(results.get(3 + i)).isEqualTo(results.get(i));
      }
    }
  }

  @Test
  void whatIsWrongWithArgumentsIsToldAsByOneThread() {
    try (Backend three = CpuBackend.of("java", Precision.FLOAT32, new Workers(3, LEAST));
        Arena arena = three.arena("test")) {
      Tensor table = arena.zeros("table", DType.F32, 4, 64);
      Tensor rows = arena.ints("rows", new int[] {0, 1, 2, 9});
      Tensor out = arena.zeros("out", DType.F32, 4, 64);
      assertThatThrownBy(() -> three.gatherRows(table, rows, out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("row 9 at position 3 is outside the table of 4 rows");
    }
  }

  private static List<KernelCase> exactly(List<KernelCase> cases) {
    return cases.stream().map(KernelCase::exactly).toList();
  }

  private static List<Outcome> outcomes(Backend one, Backend several, List<KernelCase> cases) {
    return new KernelCheck(one, several, SEED).run(cases, outcome -> {});
  }
}
