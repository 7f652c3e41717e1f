package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Arguments;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;

/**
 * Matrix products by {@code matrices.cu}. Where the result has few tiles and the inner dim is long,
 * as in gradients of weights, pieces of the inner dim are multiplied beside each other and then
 * added in order. The cut follows from the shape alone: the same bits on every device.
 */
final class OwnProducts implements Products {
  private static final int THREADS = 256;
  private static final int ROUNDED_SHARED_BYTES = 4 * 2 * 128 * 80; // stages of two operands

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
  public String choices() {
    return ProductProvider.OWN.toString();
  }

  @Override
  public void multiply(Product product) {
    if (product.isRounded(precision)) {
      Cut cut = Cut.of(product, 128);
      RoundedFactors.with(
          device,
          product,
          cut.partialBytes(product),
          factors ->
              launch(
                  product,
                  cut,
                  factors.rest(),
                  rounded(product, cut)
                      .number(factors.a())
                      .number(factors.aPitch())
                      .number(factors.b())
                      .number(factors.bPitch())));
    } else {
      Cut cut = Cut.of(product, 64);
      if (cut.isWhole(product)) {
        launch(product, cut, 0, exact(product, cut));
      } else {
        device.withWorkspace(
            cut.partialBytes(product),
            partial -> launch(product, cut, partial, exact(product, cut)));
      }
    }
  }

  /** {@code matmul_nt_rounded}, {@code matmul_nt_bf16} and their like. */
  private static Launch rounded(Product product, Cut cut) {
    String layout = (product.transposeA() ? "t" : "n") + (product.transposeB() ? "t" : "n");
    return Launch.of(
        "matmul_" + layout + (product.dtype() == DType.BF16 ? "_bf16" : "_rounded"),
        cut.tiles(),
        cut.pieces(),
        THREADS,
        ROUNDED_SHARED_BYTES);
  }

  /** Says where the next element of each dim lies. */
  private static Launch exact(Product product, Cut cut) {
    boolean ta = product.transposeA();
    boolean tb = product.transposeB();
    return Launch.of(Checks.typed("matmul", product.dtype()), cut.tiles(), cut.pieces(), THREADS, 0)
        .number(product.a())
        .number(ta ? 1 : product.k())
        .number(ta ? product.m() : 1)
        .number(product.b())
        .number(tb ? 1 : product.n())
        .number(tb ? product.k() : 1);
  }

  /** Starts a kernel that knows its factors, and joins the pieces. */
  private void launch(Product product, Cut cut, long partial, Launch launch) {
    boolean whole = cut.isWhole(product);
    DType dtype = product.dtype();
    device.launch(
        launch
            .number(product.c())
            .number(whole ? 0 : partial)
            .number(product.epilogue().bias())
            .number(product.epilogue().residual())
            .number(product.epilogue().before())
            .whole(product.m())
            .whole(product.n())
            .whole(product.k())
            .whole(cut.depth())
            .scalar(dtype, product.alpha())
            .scalar(dtype, product.beta()));
    if (!whole) {
      device.launch(product.join(partial, cut.pieces()));
    }
  }

  /**
   * How a product is cut.
   *
   * @param tiles of the result
   * @param pieces of the inner dim
   * @param depth of a piece: a multiple of the kernels' depth, or all
   */
  private record Cut(long tiles, int pieces, int depth) {
    private static final int SMALLEST_PIECE = 256;
    private static final int ENOUGH_BLOCKS = 264; // two for each multiprocessor of an H200
    private static final int MOST_PIECES = 32;
    private static final int DEPTH = 32;

    static Cut of(Product product, int tile) {
      long tiles = Launch.blocks(product.m(), tile) * Launch.blocks(product.n(), tile);
      int k = product.k();
      long wanted = Math.min(MOST_PIECES, Math.min(ENOUGH_BLOCKS / tiles, k / SMALLEST_PIECE));
      int depth =
          wanted <= 1
              ? Math.max(1, k)
              : (int) (Launch.blocks(Launch.blocks(k, wanted), DEPTH) * DEPTH);
      return new Cut(tiles, (int) Math.max(1, Launch.blocks(k, depth)), depth);
    }

    /** Whether the product's kernel finishes it: GELU in double precision only joins do. */
    boolean isWhole(Product product) {
      return pieces == 1 && (product.dtype() != DType.F64 || product.epilogue().before() == 0);
    }

    long partialBytes(Product product) {
      return isWhole(product)
          ? 0
          : pieces * product.elements() * Arguments.computed(product.dtype()).bytes();
    }
  }
}
