package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.Arguments.computed;
import static io.batchwright.kernel.Arguments.computedAs;
import static io.batchwright.kernel.Arguments.integers;
import static io.batchwright.kernel.Arguments.like;
import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameStored;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionGradients;
import io.batchwright.kernel.AttentionPass;
import io.batchwright.kernel.ElementKernels;
import io.batchwright.kernel.Precision;
import io.batchwright.kernel.SequenceKernels;
import io.batchwright.kernel.Widened;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;

/**
 * Attention by {@code attention.cu}, or where products are rounded to bf16 by {@code
 * attention_bf16.cu}: scores never leave a block.
 */
final class CudaAttention implements SequenceKernels {
  private static final int DOT_THREADS = 256;
  private static final int ALIGNMENT = 16;

  private final CudaDevice device;
  private final ElementKernels elements;
  private final Precision precision;

  CudaAttention(CudaDevice device, ElementKernels elements, Precision precision) {
    this.device = device;
    this.elements = elements;
    this.precision = precision;
  }

  @Override
  public void attention(AttentionPass pass, Arena arena) {
    Geometry geometry =
        check("attention", pass, pass.queries(), pass.keys(), pass.values(), pass.out());
    if (!geometry.kernels().exist()) {
      try (Widened wide = new Widened(elements, arena)) {
        attention(pass.widened(wide), arena);
      }
      return;
    }
    if (geometry.tiles() > 0) {
      device.launch(
          parameters(
                  launch("attention", geometry, geometry.kernels().forwardBytes())
                      .tensor(pass.queries())
                      .tensor(pass.keys())
                      .tensor(pass.values()),
                  pass,
                  geometry)
              .tensor(pass.out())
              .tensor(pass.logSums()));
    }
  }

  @Override
  public void attentionBackward(
      AttentionPass pass, Tensor dOut, AttentionGradients gradients, Arena arena) {
    Geometry geometry =
        check(
            "attentionBackward",
            pass,
            pass.queries(),
            pass.keys(),
            pass.values(),
            dOut,
            gradients.dQueries(),
            gradients.dKeys(),
            gradients.dValues());
    like("attentionBackward", "dOut", dOut, pass.queries());
    for (Tensor gradient :
        new Tensor[] {gradients.dQueries(), gradients.dKeys(), gradients.dValues()}) {
      sameStored("attentionBackward", pass.queries(), gradient, dOut);
      like("attentionBackward", "a gradient", gradient, pass.queries());
    }
    if (geometry.tiles() == 0) {
      return;
    }
    if (!geometry.kernels().exist()) {
      try (Widened wide = new Widened(elements, arena)) {
        attentionBackward(pass.widened(wide), wide.in(dOut), gradients.widened(wide), arena);
      }
      return;
    }
    AttentionKernels kernels = geometry.kernels();
    Tensor dots = arena.allocate("attention dots", computed(dOut.dtype()), pass.logSums().shape());
    device.launch(
        Launch.of(
                "attention_dots" + kernels.stored(),
                Launch.blocks(dots.elements(), DOT_THREADS / 32),
                1,
                DOT_THREADS,
                0)
            .tensor(pass.out())
            .tensor(dOut)
            .tensor(dots)
            .number(dots.elements())
            .whole(geometry.dims()));
    device.launch(
        backward("attention_queries", kernels.queriesBytes(), pass, dOut, dots, geometry)
            .tensor(gradients.dQueries()));
    device.launch(
        backward("attention_keys", kernels.keysBytes(), pass, dOut, dots, geometry)
            .tensor(gradients.dKeys())
            .tensor(gradients.dValues()));
  }

  private static Launch backward(
      String kernel,
      int sharedBytes,
      AttentionPass pass,
      Tensor dOut,
      Tensor dots,
      Geometry geometry) {
    return parameters(
        launch(kernel, geometry, sharedBytes)
            .tensor(pass.queries())
            .tensor(pass.keys())
            .tensor(pass.values())
            .tensor(dOut)
            .tensor(pass.logSums())
            .tensor(dots),
        pass,
        geometry);
  }

  private static Launch launch(String kernel, Geometry geometry, int sharedBytes) {
    return Launch.of(
        kernel + geometry.kernels().suffix(),
        (long) geometry.sequences() * geometry.tiles(),
        geometry.heads(),
        geometry.kernels().threads(),
        sharedBytes);
  }

  private static Launch parameters(Launch launch, AttentionPass pass, Geometry geometry) {
    AttentionDropout dropout = pass.dropout();
    boolean drops = dropout.probability() > 0;
    return launch
        .tensor(pass.cuSeqlens())
        .whole(geometry.tiles())
        .whole(geometry.heads())
        .whole(geometry.dims())
        .whole(pass.form().causal() ? 1 : 0)
        .scalar(geometry.dtype(), 1 / Math.sqrt(geometry.dims()))
        .number(drops ? CudaMemory.addressOf(dropout.rows()) : 0)
        .number(drops ? dropout.stream().key() : 0)
        .number(CudaElements.leastKept(dropout.probability()))
        .scalar(geometry.dtype(), 1 / (1 - dropout.probability()));
  }

  /**
   * @param touched the tensors [T, D] that are read and written
   */
  private Geometry check(String operation, AttentionPass pass, Tensor... touched) {
    Tensor queries = pass.queries();
    sameStored(operation, queries, pass.keys(), pass.values(), pass.out());
    computedAs(operation, queries, pass.logSums());
    rank(operation, "queries", queries, 2);
    like(operation, "keys", pass.keys(), queries);
    like(operation, "values", pass.values(), queries);
    like(operation, "out", pass.out(), queries);
    int positions = queries.shape().dim(0);
    int width = queries.shape().dim(1);
    int heads = pass.form().heads();
    require(width % heads == 0, operation, "%d heads must divide the width of %s", heads, queries);
    shape(operation, "logSums", pass.logSums(), positions, heads);
    integers(operation, "cuSeqlens", pass.cuSeqlens());
    int[] offsets = Checks.offsets(operation, pass.cuSeqlens(), positions, "positions");
    int longest = 0;
    for (int b = 0; b + 1 < offsets.length; b++) {
      longest = Math.max(longest, offsets[b + 1] - offsets[b]);
    }
    if (pass.dropout().probability() > 0) {
      integers(operation, "dropout.rows", pass.dropout().rows());
      shape(operation, "dropout.rows", pass.dropout().rows(), positions);
      require(
          longest <= AttentionDropout.LONGEST,
          operation,
          "dropout draws for sequences of at most %d positions, got one of %d",
          AttentionDropout.LONGEST,
          longest);
    }
    int dims = width / heads;
    int most = queries.dtype() == DType.F64 ? 128 : 256;
    require(dims <= most, operation, "heads have at most %d columns here, got %d", most, dims);
    boolean aligned =
        Arrays.stream(touched).allMatch(tensor -> CudaMemory.addressOf(tensor) % ALIGNMENT == 0);
    AttentionKernels kernels = AttentionKernels.of(queries.dtype(), precision, dims, aligned);
    return new Geometry(
        queries.dtype(),
        offsets.length - 1,
        repeated((int) Launch.blocks(longest, kernels.rows())),
        heads,
        dims,
        kernels);
  }

  /** Rounded up for graphs, so that it comes again: blocks beyond a sequence's end do nothing. */
  private int repeated(int tiles) {
    return device.usesGraphs() ? Integer.highestOneBit(Math.max(0, 2 * tiles - 1)) : tiles;
  }

  /**
   * How the work is cut.
   *
   * @param tiles of owned rows in the longest sequence, or more
   * @param dims columns of a head
   */
  private record Geometry(
      DType dtype, int sequences, int tiles, int heads, int dims, AttentionKernels kernels) {}
}
