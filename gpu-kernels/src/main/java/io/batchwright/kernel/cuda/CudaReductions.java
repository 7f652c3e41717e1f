package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.computedAs;
import static io.batchwright.kernel.Arguments.elements;
import static io.batchwright.kernel.Arguments.floating;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;

import io.batchwright.kernel.ReductionKernels;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** {@link ReductionKernels} by the kernels of {@code reductions.cu}. */
final class CudaReductions implements ReductionKernels {
  private static final int COLUMN_THREADS = 128;
  private static final int MOST_SUMS = 1024;
  private static final int POOL_PARTS = 8;

  private final CudaDevice device;

  CudaReductions(CudaDevice device) {
    this.device = device;
  }

  @Override
  public void sum(Tensor in, int dim, Tensor out) {
    reduce("sum", in, dim, out, 1);
  }

  @Override
  public void mean(Tensor in, int dim, Tensor out) {
    int extent = in.shape().dim(dim);
    require(extent > 0, "mean", "the reduced dim of %s is empty", in);
    reduce("mean", in, dim, out, 1.0 / extent);
  }

  @Override
  public void max(Tensor in, int dim, Tensor out) {
    reduce("max", in, dim, out, 1);
  }

  private void reduce(String operation, Tensor in, int dim, Tensor out, double factor) {
    boolean rounded = in.dtype() == DType.BF16 && operation.equals("sum");
    if (rounded) {
      computedAs(operation, in, out);
      require(dim == 0, "sum", "BF16 is summed along dim 0 alone, got dim %d of %s", dim, in);
    } else {
      sameFloating(operation, in, out);
    }
    Shape shape = in.shape();
    int position = shape.position(dim);
    int extent = shape.dim(position);
    long inner = 1;
    long outer = 1;
    for (int i = 0; i < shape.rank(); i++) {
      outer *= i < position ? shape.dim(i) : 1;
      inner *= i > position ? shape.dim(i) : 1;
    }
    elements(operation, "out", out, outer * inner);
    if (outer * inner == 0) {
      return;
    }
    String what = operation.equals("max") ? "max" : "sum";
    if (inner == 1 && !rounded) {
      device.launch(
          Launch.rows(Checks.typed("row_" + what, in.dtype()), outer, extent)
              .tensor(in)
              .tensor(out)
              .number(extent)
              .real(factor));
    } else {
      new Columns(device, extent).reduce(what, in, outer, inner, out, factor);
    }
  }

  /**
   * Sums over rows in two stages: pieces of rows beside each other, then the pieces in order.
   *
   * @param rows of a piece
   * @param pieces of the extent
   */
  record Columns(CudaDevice device, long extent, long rows, long pieces) {
    private static final int SMALLEST_PIECE = 64;
    private static final int MOST_PIECES = 256;

    Columns(CudaDevice device, long extent) {
      this(device, extent, Math.max(SMALLEST_PIECE, Launch.blocks(extent, MOST_PIECES)));
    }

    private Columns(CudaDevice device, long extent, long rows) {
      this(device, extent, rows, Math.max(1, Launch.blocks(extent, rows)));
    }

    void reduce(String what, Tensor in, long outer, long inner, Tensor out, double factor) {
      device.withWorkspace(
          8 * outer * pieces * inner,
          partial -> reduce(what, in, outer, inner, out, factor, partial));
    }

    private void reduce(
        String what, Tensor in, long outer, long inner, Tensor out, double factor, long partial) {
      long most = 65_535 / pieces; // of the outer dim at a time
      for (long done = 0; done < outer; done += most) {
        long count = Math.min(most, outer - done);
        long skippedIn = done * extent * inner * in.dtype().bytes();
        device.launch(
            Launch.of(
                    Checks.typed("column_" + what, in.dtype()),
                    Launch.blocks(inner, COLUMN_THREADS),
                    count * pieces,
                    COLUMN_THREADS,
                    0)
                .number(CudaMemory.addressOf(in) + skippedIn)
                .number(partial + 8 * done * pieces * inner)
                .number(extent)
                .number(inner)
                .number(rows)
                .number(pieces));
      }
      join(what, partial, outer * inner, inner, out, factor);
    }

    /** {@code partial} [outer, pieces, inner] to n results. */
    private void join(String what, long partial, long n, long inner, Tensor out, double factor) {
      device.launch(
          Launch.elements(Checks.typed("join_" + what, out.dtype()), n)
              .number(partial)
              .tensor(out)
              .number(n)
              .number(inner)
              .number(pieces)
              .real(factor));
    }
  }

  @Override
  public void sumAll(Tensor in, Tensor out) {
    sameFloating("sumAll", in, out);
    elements("sumAll", "out", out, 1);
    long blocks = sumBlocks(in);
    device.withWorkspace(
        8 * blocks,
        partial -> {
          sumEverything("sum_all", in, blocks, partial);
          device.launch(
              Launch.elements(Checks.typed("join_sum", out.dtype()), 1)
                  .number(partial)
                  .tensor(out)
                  .number(1)
                  .number(1)
                  .number(blocks)
                  .real(1));
        });
  }

  @Override
  public double sumOfSquares(Tensor in) {
    return sumsOfSquares(List.of(in))[0];
  }

  @Override
  public double[] sumsOfSquares(List<Tensor> tensors) {
    ManyTensors all = new ManyTensors();
    for (Tensor tensor : tensors) {
      floating("sumOfSquares", "in", tensor);
      all.add(List.of(tensor));
    }
    Map<DType, double[]> squares = all.numbers(device, "sum_squares_each");
    Map<DType, Integer> done = new EnumMap<>(DType.class);
    double[] sums = new double[tensors.size()];
    for (int i = 0; i < sums.length; i++) {
      DType dtype = tensors.get(i).dtype();
      int from = done.getOrDefault(dtype, 0);
      int to = from + ManyTensors.blocks(tensors.get(i));
      for (int block = from; block < to; block++) {
        sums[i] += squares.get(dtype)[block];
      }
      done.put(dtype, to);
    }
    return sums;
  }

  @Override
  public boolean allFinite(Tensor in) {
    floating("allFinite", "in", in);
    double[] counts = new double[(int) sumBlocks(in)];
    device.withWorkspace(
        8L * counts.length,
        partial -> {
          sumEverything("count_not_finite", in, counts.length, partial);
          device.transfers().read(partial, counts);
        });
    return Arrays.stream(counts).allMatch(count -> count == 0);
  }

  private static long sumBlocks(Tensor in) {
    return Math.max(1, Math.min(MOST_SUMS, Launch.blocks(in.elements(), 1024)));
  }

  private void sumEverything(String kernel, Tensor in, long blocks, long partial) {
    device.launch(
        Launch.of(Checks.typed(kernel, in.dtype()), blocks, 1, 256, 0)
            .tensor(in)
            .number(partial)
            .number(in.elements()));
  }

  @Override
  public void softmax(Tensor scores, Tensor mask, Tensor out) {
    check("softmax", scores, mask);
    sameFloating("softmax", scores, out);
    like("softmax", "out", out, scores);
    rows("softmax", scores, launch -> masked(launch, scores, mask).tensor(out));
  }

  @Override
  public void softmaxBackward(Tensor out, Tensor dOut, Tensor dScores) {
    sameFloating("softmaxBackward", out, dOut, dScores);
    rank("softmaxBackward", "out", out, 2);
    like("softmaxBackward", "dOut", dOut, out);
    like("softmaxBackward", "dScores", dScores, out);
    rows("softmax_backward", out, launch -> launch.tensor(out).tensor(dOut).tensor(dScores));
  }

  @Override
  public void logSumExp(Tensor scores, Tensor mask, Tensor out) {
    check("logSumExp", scores, mask);
    sameFloating("logSumExp", scores, out);
    elements("logSumExp", "out", out, scores.shape().dim(0));
    rows("log_sum_exp", scores, launch -> masked(launch, scores, mask).tensor(out));
  }

  @Override
  public void l2Normalize(Tensor in, Tensor norms, Tensor out) {
    sameFloating("l2Normalize", in, norms, out);
    rank("l2Normalize", "in", in, 2);
    elements("l2Normalize", "norms", norms, in.shape().rows());
    like("l2Normalize", "out", out, in);
    rows("l2_normalize", in, launch -> launch.tensor(in).tensor(norms).tensor(out));
  }

  @Override
  public void l2NormalizeBackward(Tensor out, Tensor norms, Tensor dOut, Tensor dIn) {
    sameFloating("l2NormalizeBackward", out, norms, dOut, dIn);
    rank("l2NormalizeBackward", "out", out, 2);
    elements("l2NormalizeBackward", "norms", norms, out.shape().rows());
    like("l2NormalizeBackward", "dOut", dOut, out);
    like("l2NormalizeBackward", "dIn", dIn, out);
    rows(
        "l2_normalize_backward",
        out,
        launch -> launch.tensor(out).tensor(norms).tensor(dOut).tensor(dIn));
  }

  @Override
  public void poolNormalize(Tensor in, Tensor cuSeqlens, Tensor norms, Tensor out) {
    Checks.offsets("poolNormalize", cuSeqlens, in.shape().dim(0), "positions");
    device.launch(
        bySequence("pool_normalize", out, 1)
            .tensor(in)
            .tensor(cuSeqlens)
            .tensor(norms)
            .tensor(out)
            .number(out.shape().columns()));
  }

  @Override
  public void poolNormalizeBackward(
      Tensor out, Tensor norms, Tensor cuSeqlens, Tensor dOut, Tensor dIn) {
    Checks.offsets("poolNormalizeBackward", cuSeqlens, dIn.shape().dim(0), "positions");
    device.launch(
        bySequence("pool_normalize_backward", out, POOL_PARTS)
            .tensor(out)
            .tensor(norms)
            .tensor(cuSeqlens)
            .tensor(dOut)
            .tensor(dIn)
            .number(out.shape().columns())
            .whole(POOL_PARTS));
  }

  /** A block for each part of a sequence, whose threads are columns. */
  private static Launch bySequence(String kernel, Tensor out, int parts) {
    long threads = Math.min(256, 32 * Launch.blocks(out.shape().columns(), 32));
    return Launch.of(
        Checks.typed(kernel, out.dtype()), out.shape().dim(0), parts, (int) threads, 0);
  }

  /** A block for each row of [B, D]; the width is the last parameter. */
  private void rows(String kernel, Tensor of, Parameters parameters) {
    if (of.shape().dim(0) > 0) {
      Launch launch =
          Launch.rows(Checks.typed(kernel, of.dtype()), of.shape().dim(0), of.shape().columns());
      parameters.add(launch);
      device.launch(launch.number(of.shape().columns()));
    }
  }

  private static Launch masked(Launch launch, Tensor scores, Tensor mask) {
    return launch
        .tensor(scores)
        .number(mask == null ? 0 : CudaMemory.addressOf(mask))
        .whole(mask == null ? 0 : mask.dtype() == DType.I32 ? 1 : 2);
  }

  private static void check(String operation, Tensor scores, Tensor mask) {
    rank(operation, "scores", scores, 2);
    if (mask != null) {
      like(operation, "mask", mask, scores);
      require(
          mask.dtype() == DType.I32 || mask.dtype() == scores.dtype(),
          operation,
          "mask must be I32 or %s, got %s",
          scores.dtype(),
          mask);
    }
  }

  private interface Parameters {
    void add(Launch launch);
  }
}
