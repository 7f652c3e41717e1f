package io.batchwright.kernel.check;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Sums, maxima, softmax and norms of rows. */
final class ReductionCases {
  private ReductionCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    int[][] shapes = {
      {0, 7}, {1, 1}, {7, 129}, {129, 383}, {3, 5000}, {extent.of(300, 70_000), extent.of(40, 768)}
    };
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int[] shape : shapes) {
        String name = "%s [%d, %d]".formatted(dtype, shape[0], shape[1]);
        cases.add(
            new KernelCase(
                "reductions", "sums " + name, 2e-4, run -> sums(run, dtype, shape[0], shape[1])));
        cases.add(
            new KernelCase(
                "reductions",
                "softmax " + name,
                2e-6,
                run -> rows(run, dtype, shape[0], shape[1])));
      }
      cases.add(
          new KernelCase("reductions", "middle dim " + dtype, 1e-5, run -> middle(run, dtype)));
    }
    return cases;
  }

  private static void sums(CaseRun run, DType dtype, int rows, int columns) {
    Backend b = run.backend();
    Tensor in = run.normal("in", dtype, rows, columns);
    b.sum(in, 1, run.output("sum of rows", dtype, rows));
    b.max(in, 1, run.output("max of rows", dtype, rows));
    b.mean(in, 1, run.output("mean of rows", dtype, rows));
    b.sum(in, 0, run.output("sum of columns", dtype, columns));
    b.max(in, 0, run.output("max of columns", dtype, columns));
    b.sumAll(in, run.output("sum", dtype, 1));
    run.number("sum of squares", b.sumOfSquares(in));
    run.number("finite", b.allFinite(in) ? 1 : 0);
    if (rows > 0) {
      b.fill(in.rows(rows - 1, rows), Double.POSITIVE_INFINITY);
      run.number("not finite", b.allFinite(in) ? 1 : 0);
    }
  }

  private static void middle(CaseRun run, DType dtype) {
    Tensor in = run.normal("in", dtype, 5, 77, 33);
    run.backend().sum(in, 1, run.output("sum", dtype, 5, 33));
    run.backend().max(in, -2, run.output("max", dtype, 5, 33));
    run.backend().mean(in, 2, run.output("mean", dtype, 5, 77));
  }

  private static void rows(CaseRun run, DType dtype, int rows, int columns) {
    Backend b = run.backend();
    Tensor scores = run.normal("scores", dtype, rows, columns);
    Tensor keep = run.below("keep", rows * columns, 3).reshape(rows, columns);
    if (rows > 0) {
      b.fill(keep.rows(0, 1), 0); // a row whose scores are all out
    }
    Tensor additive = run.arena().zeros("additive", dtype, rows, columns);
    b.maskedFill(additive, keep, Double.NEGATIVE_INFINITY, additive);
    for (Tensor mask : new Tensor[] {null, keep, additive}) {
      Tensor out = run.output("softmax", dtype, rows, columns);
      b.softmax(scores, mask, out);
      b.logSumExp(scores, mask, run.output("logSumExp", dtype, rows));
      Tensor dOut = run.normal("dOut", dtype, rows, columns);
      b.softmaxBackward(out, dOut, run.output("softmaxBackward", dtype, rows, columns));
    }
    Tensor norms = run.output("norms", dtype, rows);
    Tensor unit = run.output("l2Normalize", dtype, rows, columns);
    b.l2Normalize(scores, norms, unit);
    Tensor dUnit = run.normal("dUnit", dtype, rows, columns);
    b.l2NormalizeBackward(
        unit, norms, dUnit, run.output("l2NormalizeBackward", dtype, rows, columns));
    Tensor offsets = run.arena().ints("offsets", new int[] {0, 0, rows / 3, rows / 3, rows});
    Tensor pooledNorms = run.output("norms of means", dtype, 4);
    Tensor pooled = run.output("poolNormalize", dtype, 4, columns);
    b.poolNormalize(scores, offsets, pooledNorms, pooled);
    b.poolNormalizeBackward(
        pooled,
        pooledNorms,
        offsets,
        run.normal("dPooled", dtype, 4, columns),
        run.output("poolNormalizeBackward", dtype, rows, columns));
  }
}
