package io.batchwright.kernel.check;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Updates of parameters. */
final class UpdateCases {
  private static final AdamWRule RULE = new AdamWRule(0.9, 0.999, 1e-8, 0.1, 0.3);
  private static final int STEPS = 12;
  private static final double RATE = 1e-2;

  private UpdateCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int n : new int[] {1, 383, extent.of(2_000, 1_000_003)}) {
        cases.add(
            new KernelCase(
                "updates", "dense %s [%d]".formatted(dtype, n), 1e-5, run -> dense(run, dtype, n)));
      }
      for (int width : new int[] {1, 129, extent.of(200, 768)}) {
        cases.add(
            new KernelCase(
                "updates",
                "rows %s [50, %d]".formatted(dtype, width),
                1e-5,
                run -> rows(run, dtype, width)));
      }
    }
    return cases;
  }

  private static void dense(CaseRun run, DType dtype, int n) {
    Backend b = run.backend();
    double[] rates = rates();
    Tensor parameter = run.result("adamW", run.normal("p", dtype, n));
    Moments moments =
        new Moments(
            run.result("first", run.arena().zeros("m", dtype, n)),
            run.result("second", run.arena().zeros("v", dtype, n)));
    for (int step = 1; step <= STEPS; step++) {
      b.adamW(parameter, run.normal("g" + step, dtype, n), moments, RULE, rates, step);
    }
    Tensor adam = run.result("adam", run.normal("adam", dtype, n));
    b.adamDirections(List.of(adam), List.of(moments), RULE, STEPS + 1);
    Tensor momentum = run.result("momentum", run.normal("momentum", dtype, n));
    // A direction is a sign, which near 0 may be the other one: only the momentum is compared.
    b.lionDirections(List.of(run.normal("lion", dtype, n)), List.of(momentum), 0.9, 0.99);
    Tensor other = run.result("sgd", run.normal("q", dtype, n));
    b.sgd(other, run.normal("g", dtype, n), 0.1);
  }

  private static void rows(CaseRun run, DType dtype, int width) {
    Backend b = run.backend();
    double[] rates = rates();
    Tensor exact = run.result("exact", run.normal("p", dtype, 50, width));
    Tensor lazy = run.result("lazy", run.normal("p", dtype, 50, width));
    Tensor plain = run.result("sgdRows", run.normal("p", dtype, 50, width));
    Moments exactMoments = moments(run, dtype, width);
    Moments lazyMoments = moments(run, dtype, width);
    for (int step = 1; step <= STEPS; step++) {
      int[] touched = {step % 7, 7 + step % 5, 20 + step, 49};
      RowSparse gradient =
          new RowSparse(run.arena().ints("rows", touched), run.normal("g" + step, dtype, 4, width));
      b.adamWRowsExact(exact, gradient, exactMoments, RULE, rates, step);
      b.adamWRowsLazy(lazy, gradient, lazyMoments, RULE, rates, step);
      b.sgdRows(plain, gradient, 0.1);
    }
    b.adamWCatchUp(exact, null, exactMoments, RULE, rates, STEPS);
    run.result("last steps", exactMoments.lastStep());
  }

  private static Moments moments(CaseRun run, DType dtype, int width) {
    return new Moments(
        run.arena().zeros("m", dtype, 50, width),
        run.arena().zeros("v", dtype, 50, width),
        run.arena().zeros("steps", DType.I32, 50));
  }

  private static double[] rates() {
    double[] rates = new double[STEPS];
    Arrays.fill(rates, RATE);
    return rates;
  }
}
