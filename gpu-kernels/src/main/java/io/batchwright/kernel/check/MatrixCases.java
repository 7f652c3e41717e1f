package io.batchwright.kernel.check;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Products in every layout, and transposition. */
final class MatrixCases {
  private static final double F32_ERROR = 2e-5;
  private static final double BF16_ERROR =
      1.6e-2; // six deviations: 2^-9 twice, uniform, times factors of one

  private MatrixCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>(products(extent));
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.BF16}) {
      for (int[] shape : new int[][] {{1, 1}, {7, 129}, {383, extent.of(40, 2049)}}) {
        cases.add(
            new KernelCase(
                "matrices",
                "transpose %s [%d, %d]".formatted(dtype, shape[0], shape[1]),
                0,
                run -> transpose(run, dtype, shape[0], shape[1])));
      }
    }
    return cases;
  }

  /** Products in every layout, in both types. */
  static List<KernelCase> products(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>(products(extent, DType.F32, F32_ERROR));
    cases.addAll(products(extent, DType.F64, F32_ERROR));
    return cases;
  }

  /** Products of F32 for a backend that rounds factors to bf16. */
  static List<KernelCase> roundedProducts(KernelCases.Extent extent) {
    return products(extent, DType.F32, BF16_ERROR);
  }

  /**
   * @param error of a product of one, which grows with the root of the inner dim
   */
  private static List<KernelCase> products(KernelCases.Extent extent, DType dtype, double error) {
    int[][] shapes = {
      {1, 1, 1},
      {7, 129, 383},
      {129, 7, 64},
      {383, 129, 0},
      {128, 128, 128},
      {130, 200, 1100},
      {64, 64, extent.of(2_000, 65_536)},
      {extent.of(40, 4096), extent.of(70, 768), extent.of(90, 768)}
    };
    List<KernelCase> cases = new ArrayList<>();
    for (int[] mnk : shapes) {
      for (int flags = 0; flags < 4; flags++) {
        boolean ta = (flags & 1) != 0;
        boolean tb = (flags & 2) != 0;
        cases.add(
            new KernelCase(
                "matrices",
                "%s %s%s [%d, %d] inner %d"
                    .formatted(dtype, ta ? "T" : "N", tb ? "T" : "N", mnk[0], mnk[1], mnk[2]),
                error * Math.sqrt(Math.max(1, mnk[2])),
                run -> product(run, dtype, mnk, ta, tb)));
      }
    }
    return cases;
  }

  private static void product(CaseRun run, DType dtype, int[] mnk, boolean ta, boolean tb) {
    int m = mnk[0];
    int n = mnk[1];
    int k = mnk[2];
    Tensor a = ta ? run.normal("a", dtype, k, m) : run.normal("a", dtype, m, k);
    Tensor b = tb ? run.normal("b", dtype, n, k) : run.normal("b", dtype, k, n);
    run.backend().matmul(a, ta, b, tb, 1, 0, run.output("product", dtype, m, n));
    Tensor sum = run.result("added", run.normal("c", dtype, m, n));
    run.backend().matmul(a, ta, b, tb, 0.5, -2, sum);
    if (!ta && tb) {
      Tensor bias = run.normal("bias", dtype, n);
      run.backend().linear(a, b, bias, run.output("linear", dtype, m, n));
      Tensor before = run.output("before", dtype, m, n);
      run.backend().linearGelu(a, b, bias, before, run.output("linearGelu", dtype, m, n));
      Tensor residual = run.normal("residual", dtype, m, n);
      run.backend().linearAdd(a, b, bias, residual, run.output("linearAdd", dtype, m, n));
    }
  }

  private static void transpose(CaseRun run, DType dtype, int rows, int columns) {
    Tensor in = run.arena().allocate("in", dtype, rows, columns);
    run.backend().cast(run.normal("source", DType.F32, rows, columns), in);
    run.backend().transpose(in, run.output("transposed", dtype, columns, rows));
  }
}
