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
import java.util.Arrays;
import java.util.List;

/** Attention and layer norm, forward and backward. */
final class SequenceCases {
  private SequenceCases() {}

  private static final DType[] TYPES = {DType.F32, DType.F64};
  private static final double ERROR = 5e-5;
  private static final double BF16_ERROR = 3e-2;

  static List<KernelCase> all(KernelCases.Extent extent) {
    List<KernelCase> cases = new ArrayList<>();
    for (DType dtype : TYPES) {
      cases.addAll(attention(extent, dtype, new int[] {8, 32, 64, 128}, ERROR));
      for (int[] shape :
          new int[][] {{0, 7}, {1, 1}, {7, 129}, {383, 384}, {extent.of(70, 70_000), 768}}) {
        cases.add(
            new KernelCase(
                "norms",
                "layer norm %s [%d, %d]".formatted(dtype, shape[0], shape[1]),
                5e-4,
                run -> layerNorm(run, dtype, shape[0], shape[1])));
      }
    }
    return cases;
  }

  /** Attention of F32 for a backend that rounds factors to bf16. */
  static List<KernelCase> rounded(KernelCases.Extent extent) {
    int[] headDims =
        extent == KernelCases.Extent.SMALL ? new int[] {20, 64} : new int[] {20, 32, 64, 128};
    return attention(extent, DType.F32, headDims, BF16_ERROR);
  }

  private static List<KernelCase> attention(
      KernelCases.Extent extent, DType dtype, int[] headDims, double error) {
    int[][] lengths = {
      {0}, {1}, {31, 0, 33, 1, 64}, {extent.of(100, 128), 127}, {extent.of(90, 512), 3}
    };
    List<KernelCase> cases = new ArrayList<>();
    for (int dims : headDims) {
      for (int[] of : lengths) {
        for (int flags = 0; flags < 4; flags += extent.of(3, 1)) {
          boolean causal = (flags & 1) != 0;
          double lost = (flags & 2) != 0 ? 0.1 : 0;
          cases.add(
              new KernelCase(
                  "attention",
                  "%s heads of %d, lengths %s%s%s"
                      .formatted(
                          dtype,
                          dims,
                          Arrays.toString(of),
                          causal ? ", causal" : "",
                          lost > 0 ? ", dropout" : ""),
                  error,
                  run -> attention(run, dtype, dims, of, causal, lost)));
        }
      }
    }
    return cases;
  }

  private static void attention(
      CaseRun run, DType dtype, int headDims, int[] lengths, boolean causal, double lost) {
    int heads = 2;
    int[] offsets = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    int positions = offsets[lengths.length];
    int width = heads * headDims;
    AttentionDropout dropout =
        lost == 0
            ? AttentionDropout.NONE
            : new AttentionDropout(
                lost, run.stream("attention"), run.below("rows", positions, 1 << 20));
    AttentionPass pass =
        new AttentionPass(
            run.normal("q", dtype, positions, width),
            run.normal("k", dtype, positions, width),
            run.normal("v", dtype, positions, width),
            run.arena().ints("offsets", offsets),
            new AttentionForm(heads, causal),
            dropout,
            run.output("out", dtype, positions, width),
            run.output("logSums", dtype, positions, heads));
    Backend b = run.backend();
    b.attention(pass, run.arena());
    AttentionGradients gradients =
        new AttentionGradients(
            run.output("dQ", dtype, positions, width),
            run.output("dK", dtype, positions, width),
            run.output("dV", dtype, positions, width));
    b.attentionBackward(pass, run.normal("dOut", dtype, positions, width), gradients, run.arena());
  }

  private static void layerNorm(CaseRun run, DType dtype, int rows, int width) {
    Backend b = run.backend();
    Tensor in = run.normal("in", dtype, rows, width);
    Tensor gain = run.normal("gain", dtype, width);
    Tensor statistics = run.output("statistics", dtype, rows, 2);
    b.layerNorm(
        in,
        gain,
        run.normal("bias", dtype, width),
        1e-5,
        statistics,
        run.output("out", dtype, rows, width));
    b.layerNormBackward(
        in,
        gain,
        statistics,
        run.normal("dOut", dtype, rows, width),
        run.output("dIn", dtype, rows, width),
        run.output("dGain", dtype, width),
        run.output("dBias", dtype, width));
    Tensor bias = run.normal("bias", dtype, width);
    Addend words = new Addend(run.normal("words", dtype, 50, width), run.below("ids", rows, 50));
    Addend places = new Addend(run.normal("places", dtype, 9, width), run.below("at", rows, 9));
    Addend row = Addend.of(run.normal("row", dtype, 1, width));
    for (List<Addend> addends :
        List.of(List.of(Addend.of(in), words), List.of(words, places, row))) {
      b.addLayerNorm(
          addends,
          gain,
          bias,
          1e-5,
          run.output("sum", dtype, rows, width),
          run.output("statistics of the sum", dtype, rows, 2),
          run.output("norm of the sum", dtype, rows, width));
    }
  }
}
