package io.batchwright.kernel.check;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Element-wise operations. */
final class ElementCases {
  private static final DType[] TYPES = {DType.F32, DType.F64};

  private ElementCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    for (DType dtype : TYPES) {
      for (int n : new int[] {0, 1, 7, 129, extent.of(3_001, 1_000_003)}) {
        cases.add(of("unary %s [%d]".formatted(dtype, n), 2e-6, run -> unary(run, dtype, n)));
      }
      for (int[] shape : new int[][] {{1, 1}, {7, 129}, {extent.of(31, 1025), 383}}) {
        String dims = "[%d, %d]".formatted(shape[0], shape[1]);
        cases.add(
            of(
                "binary and repeated " + dtype + " " + dims,
                2e-6,
                run -> binary(run, dtype, shape[0], shape[1])));
        cases.add(
            of(
                "dropout and masks " + dtype + " " + dims,
                1e-6,
                run -> dropout(run, dtype, shape[0], shape[1])));
      }
      cases.add(of("casts from " + dtype, 0, run -> casts(run, dtype)));
    }
    return cases;
  }

  private static KernelCase of(String name, double tolerance, KernelCase.Work work) {
    return new KernelCase("elements", name, tolerance, work);
  }

  private static void unary(CaseRun run, DType dtype, int n) {
    Backend b = run.backend();
    Tensor x = run.normal("x", dtype, n);
    Tensor d = run.normal("d", dtype, n);
    Tensor positive = run.arena().allocate("positive", dtype, n);
    b.multiply(x, x, positive);
    b.exp(x, run.output("exp", dtype, n));
    b.log(positive, run.output("log", dtype, n));
    b.sqrt(positive, run.output("sqrt", dtype, n));
    Tensor tanh = run.output("tanh", dtype, n);
    b.tanh(x, tanh);
    b.tanhBackward(tanh, d, run.output("tanhBackward", dtype, n));
    b.sign(x, run.output("sign", dtype, n));
    b.relu(x, run.output("relu", dtype, n));
    b.reluBackward(x, d, run.output("reluBackward", dtype, n));
    b.gelu(x, run.output("gelu", dtype, n));
    b.geluBackward(x, d, run.output("geluBackward", dtype, n));
    b.scale(x, -0.3, run.output("scale", dtype, n));
    b.shift(x, 1.7, run.output("shift", dtype, n));
    b.axpy(0.5, x, run.result("axpy", d));
  }

  private static void binary(CaseRun run, DType dtype, int rows, int columns) {
    Backend b = run.backend();
    Tensor a = run.normal("a", dtype, rows, columns);
    List<Tensor> seconds =
        List.of(
            run.normal("same", dtype, rows, columns),
            run.normal("row", dtype, columns),
            run.normal("column", dtype, rows, 1),
            run.normal("element", dtype, 1));
    for (Tensor second : seconds) {
      b.add(a, second, run.output("add " + second.label(), dtype, rows, columns));
      b.subtract(a, second, run.output("subtract " + second.label(), dtype, rows, columns));
      b.multiply(a, second, run.output("multiply " + second.label(), dtype, rows, columns));
      b.divide(a, second, run.output("divide " + second.label(), dtype, rows, columns));
    }
  }

  private static void dropout(CaseRun run, DType dtype, int rows, int columns) {
    Tensor in = run.normal("in", dtype, rows, columns);
    Tensor ids = run.below("ids", rows, 1 << 30);
    Tensor out = run.output("dropout", dtype, rows, columns);
    run.backend().dropout(in, run.stream("drops"), ids, 0.1, out);
    Tensor keep = run.below("keep", rows * columns, 2).reshape(rows, columns);
    Tensor filled = run.output("maskedFill", dtype, rows, columns);
    run.backend().maskedFill(in, keep, Double.NEGATIVE_INFINITY, filled);
  }

  private static void casts(CaseRun run, DType dtype) {
    Tensor in = run.normal("in", dtype, 383);
    for (DType to : new DType[] {DType.F32, DType.F64, DType.BF16}) {
      Tensor out = run.output("to " + to.name().toLowerCase(Locale.ROOT), to, 383);
      run.backend().cast(in, out);
      run.backend().cast(out, run.output("back", dtype, 383));
    }
    run.backend().cast(run.below("ints", 383, 1 << 20), run.output("of ints", dtype, 383));
    Tensor filled = run.output("fill", dtype, 77);
    run.backend().fill(filled, -2.5);
  }
}
