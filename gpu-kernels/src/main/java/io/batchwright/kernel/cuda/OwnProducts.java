package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;

/**
 * Matrix products by {@code matrices.cu}. Where the result has few tiles and the inner dim is long,
 * as in gradients of weights, pieces of the inner dim are multiplied beside each other and then
 * added in order. The cut follows from the shape alone: the same bits on every device.
 */
final class OwnProducts implements Products {
  private static final int SMALLEST_PIECE = 256;
  private static final int ENOUGH_BLOCKS = 264; // two for each multiprocessor of an H200
  private static final int MOST_PIECES = 32;
  private static final int DEPTH = 32;

  private final CudaDevice device;
  private final Precision precision;

  OwnProducts(CudaDevice device, Precision precision) {
    this.device = device;
    this.precision = precision;
  }

  @Override
  public String name() {
    return precision.toString();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void multiply(Product product) {
    boolean tensorCores = precision == Precision.BF16 && product.dtype() == DType.F32;
    int tile = tensorCores ? 128 : 64;
    long tiles = Launch.blocks(product.m(), tile) * Launch.blocks(product.n(), tile);
    int depth = pieceDepth(tiles, product.k());
    int pieces = (int) Math.max(1, Launch.blocks(product.k(), depth));
    String kernel = tensorCores ? "matmul_bf16" : Checks.typed("matmul", product.dtype());
    if (pieces == 1) {
      device.launch(launch(kernel, product, tiles, 1, depth, 0));
      return;
    }
    long elements = (long) product.m() * product.n();
    device.withWorkspace(
        pieces * elements * product.dtype().bytes(),
        partial -> {
          device.launch(launch(kernel, product, tiles, pieces, depth, partial));
          device.launch(
              Launch.elements(Checks.typed("join_products", product.dtype()), elements)
                  .number(partial)
                  .number(product.c())
                  .number(elements)
                  .whole(pieces)
                  .scalar(product.dtype(), product.beta()));
        });
  }

  /** Of how many of k a piece consists: a multiple of the kernels' depth. */
  private static int pieceDepth(long tiles, int k) {
    long wanted = Math.min(MOST_PIECES, Math.min(ENOUGH_BLOCKS / tiles, k / SMALLEST_PIECE));
    if (wanted <= 1) {
      return Math.max(1, k);
    }
    return (int) (Launch.blocks(Launch.blocks(k, wanted), DEPTH) * DEPTH);
  }

  private static Launch launch(
      String kernel, Product product, long tiles, int pieces, int depth, long partial) {
    boolean ta = product.transposeA();
    boolean tb = product.transposeB();
    return Launch.of(kernel, tiles, pieces, 256, 0)
        .number(product.a())
        .number(ta ? 1 : product.k())
        .number(ta ? product.m() : 1)
        .number(product.b())
        .number(tb ? 1 : product.n())
        .number(tb ? product.k() : 1)
        .number(product.c())
        .number(partial)
        .whole(product.m())
        .whole(product.n())
        .whole(product.k())
        .whole(depth)
        .scalar(product.dtype(), product.alpha())
        .scalar(product.dtype(), product.beta());
  }
}
