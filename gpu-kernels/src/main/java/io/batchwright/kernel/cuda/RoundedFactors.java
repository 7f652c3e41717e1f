package io.batchwright.kernel.cuda;

import java.util.function.Consumer;

/**
 * Both factors of a product rounded to bf16, in a workspace: they lie as they lay, with rows padded
 * with zeros to a multiple of eight, so that each row starts at 16 bytes.
 *
 * @param a address
 * @param aPitch elements from one row of a to the next
 * @param b address
 * @param bPitch elements from one row of b to the next
 * @param rest address of the memory that was asked for beside them
 */
record RoundedFactors(long a, long aPitch, long b, long bPitch, long rest) {
  private static final int EIGHT = 8;
  private static final int BYTES = 2;

  /**
   * Rounds, then hands over what is done with them.
   *
   * @param product of F32
   * @param moreBytes of workspace
   */
  static void with(
      CudaDevice device, Products.Product product, long moreBytes, Consumer<RoundedFactors> work) {
    long aRows = product.transposeA() ? product.k() : product.m();
    long aColumns = product.transposeA() ? product.m() : product.k();
    long bRows = product.transposeB() ? product.n() : product.k();
    long bColumns = product.transposeB() ? product.k() : product.n();
    long aPitch = Launch.blocks(aColumns, EIGHT) * EIGHT;
    long bPitch = Launch.blocks(bColumns, EIGHT) * EIGHT;
    long aBytes = Uploads.room(BYTES * aRows * aPitch);
    long bBytes = Uploads.room(BYTES * bRows * bPitch);
    device.withWorkspace(
        aBytes + bBytes + moreBytes,
        at -> {
          long eights = (aRows * aPitch + bRows * bPitch) / EIGHT;
          if (eights > 0) {
            device.launch(
                Launch.elements("round_factors", eights)
                    .number(product.a())
                    .number(at)
                    .number(aColumns)
                    .number(aRows * aPitch / EIGHT)
                    .number(product.b())
                    .number(at + aBytes)
                    .number(bColumns)
                    .number(eights));
          }
          work.accept(
              new RoundedFactors(at, aPitch, at + aBytes, bPitch, at + aBytes + bBytes));
        });
  }
}
