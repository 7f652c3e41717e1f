package io.batchwright.kernel.check;

import io.batchwright.kernel.Addend;
import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.Backend;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Operations on tensors of bf16: all that an encoder's layers do. */
final class StoredCases {
  /** One step of bf16, which rounds once; a few where rounded numbers are added. */
  private static final double ONE_STEP = 8e-3;

  private static final double ERROR = 3e-2;

  private StoredCases() {}

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    for (int[] shape :
        new int[][] {
          {0, 4}, {1, 1}, {7, 129}, {70, extent.of(33, 768)}, {extent.of(9, 4096), 384}
        }) {
      int rows = shape[0];
      int width = shape[1];
      String of = " bf16 [%d, %d]".formatted(rows, width);
      cases.add(
          new KernelCase("bf16", "elements" + of, ONE_STEP, run -> elements(run, rows, width)));
      cases.add(
          new KernelCase(
              "bf16", "elements from row 1 on" + of, ONE_STEP, run -> unaligned(run, rows, width)));
      cases.add(new KernelCase("bf16", "layer norm" + of, ERROR, run -> norm(run, rows, width)));
    }
    for (int[] mnk : new int[][] {{1, 1, 1}, {33, 40, 17}, {130, 129, 72}, {16, 24, 1100}}) {
      for (int flags = 0; flags < 4; flags++) {
        boolean ta = (flags & 1) != 0;
        boolean tb = (flags & 2) != 0;
        cases.add(
            new KernelCase(
                "bf16",
                "products bf16 %s%s [%d, %d] inner %d"
                    .formatted(ta ? "T" : "N", tb ? "T" : "N", mnk[0], mnk[1], mnk[2]),
                ONE_STEP * Math.sqrt(mnk[2]),
                run -> products(run, mnk, ta, tb)));
      }
    }
    for (int headDims :
        extent == KernelCases.Extent.SMALL ? new int[] {33, 64} : new int[] {20, 32, 33, 64, 128}) {
      for (boolean causal : new boolean[] {false, true}) {
        cases.add(
            new KernelCase(
                "bf16",
                "attention bf16 heads of %d%s".formatted(headDims, causal ? ", causal" : ""),
                ERROR,
                run -> attention(run, headDims, causal)));
      }
    }
    return cases;
  }

  private static Tensor rounded(CaseRun run, String label, int... dims) {
    Tensor tensor = run.arena().allocate(label, DType.BF16, dims);
    run.backend().cast(run.normal(label, DType.F32, dims), tensor);
    return tensor;
  }

  private static void elements(CaseRun run, int rows, int width) {
    Backend b = run.backend();
    Tensor x = rounded(run, "x", rows, width);
    Tensor y = rounded(run, "y", rows, width);
    b.add(x, y, run.output("sum", DType.BF16, rows, width));
    b.gelu(x, run.output("gelu", DType.BF16, rows, width));
    b.geluBackward(x, y, run.output("geluBackward", DType.BF16, rows, width));
    b.dropout(
        x,
        run.stream("dropout"),
        run.below("rows", rows, 1 << 20),
        0.3,
        run.output("dropped", DType.BF16, rows, width));
    b.sum(x, 0, run.output("columns", DType.F32, width));
    Tensor added = run.result("added", rounded(run, "z", rows, width));
    b.axpy(-0.5, x, added);
    b.copy(x, run.output("copy", DType.BF16, rows, width));
  }

  /** Where the width is odd they start between the words; row 0 stays as it is. */
  private static void unaligned(CaseRun run, int rows, int width) {
    Backend b = run.backend();
    Tensor x = rounded(run, "x", rows + 1, width).rows(1, rows + 1);
    Tensor y = rounded(run, "y", rows + 1, width).rows(1, rows + 1);
    Tensor added = run.result("added", rounded(run, "added", rows + 1, width)).rows(1, rows + 1);
    Tensor gelu = run.result("gelu", rounded(run, "gelu", rows + 1, width)).rows(1, rows + 1);
    b.add(x, y, added);
    b.gelu(x, gelu);
    b.axpy(-0.5, x, added);
    b.sum(x, 0, run.output("columns", DType.F32, width));
  }

  private static void norm(CaseRun run, int rows, int width) {
    Backend b = run.backend();
    Tensor in = rounded(run, "in", rows, width);
    Tensor gain = run.normal("gain", DType.F32, width);
    Tensor statistics = run.output("statistics", DType.F32, rows, 2);
    b.layerNorm(
        in,
        gain,
        run.normal("bias", DType.F32, width),
        1e-5,
        statistics,
        run.output("out", DType.BF16, rows, width));
    b.layerNormBackward(
        in,
        gain,
        statistics,
        rounded(run, "dOut", rows, width),
        run.output("dIn", DType.BF16, rows, width),
        run.output("dGain", DType.F32, width),
        run.output("dBias", DType.F32, width));
    b.addLayerNorm(
        List.of(Addend.of(in), Addend.of(rounded(run, "residual", rows, width))),
        gain,
        run.normal("bias", DType.F32, width),
        1e-5,
        run.output("sum", DType.BF16, rows, width),
        run.output("statistics of the sum", DType.F32, rows, 2),
        run.output("norm of the sum", DType.BF16, rows, width));
  }

  /** Both factors of bf16, one of them, results of both types. */
  private static void products(CaseRun run, int[] mnk, boolean ta, boolean tb) {
    Backend backend = run.backend();
    int m = mnk[0];
    int n = mnk[1];
    int k = mnk[2];
    Tensor a = ta ? rounded(run, "a", k, m) : rounded(run, "a", m, k);
    Tensor b = tb ? rounded(run, "b", n, k) : rounded(run, "b", k, n);
    Tensor wide = tb ? run.normal("wide", DType.F32, n, k) : run.normal("wide", DType.F32, k, n);
    backend.matmul(a, ta, b, tb, 1, 0, run.output("rounded", DType.BF16, m, n));
    backend.matmul(a, ta, b, tb, 0.5, 0, run.output("exact", DType.F32, m, n));
    backend.matmul(a, ta, wide, tb, 1, 0, run.output("mixed", DType.BF16, m, n));
    Tensor sum = run.result("added", rounded(run, "c", m, n));
    backend.matmul(a, ta, b, tb, 1, 2, sum);
    if (!ta && tb) {
      Tensor bias = run.normal("bias", DType.F32, n);
      backend.linear(a, wide, bias, run.output("linear", DType.BF16, m, n));
      Tensor before = run.output("before", DType.BF16, m, n);
      backend.linearGelu(a, wide, bias, before, run.output("linearGelu", DType.BF16, m, n));
      Tensor residual = rounded(run, "residual", m, n);
      backend.linearAdd(a, wide, bias, residual, run.output("linearAdd", DType.BF16, m, n));
    }
  }

  private static void attention(CaseRun run, int headDims, boolean causal) {
    int heads = 2;
    int[] offsets = {0, 1, 1, 40, 130};
    int positions = 130;
    int width = heads * headDims;
    AttentionPass pass =
        new AttentionPass(
            rounded(run, "q", positions, width),
            rounded(run, "k", positions, width),
            rounded(run, "v", positions, width),
            run.arena().ints("offsets", offsets),
            new AttentionForm(heads, causal),
            new AttentionDropout(
                0.1, run.stream("attention"), run.below("rows", positions, 1 << 20)),
            run.output("out", DType.BF16, positions, width),
            run.output("logSums", DType.F32, positions, heads));
    run.backend().attention(pass, run.arena());
    run.backend()
        .attentionBackward(
            pass,
            rounded(run, "dOut", positions, width),
            new AttentionGradients(
                run.output("dQ", DType.BF16, positions, width),
                run.output("dK", DType.BF16, positions, width),
                run.output("dV", DType.BF16, positions, width)),
            run.arena());
  }
}
