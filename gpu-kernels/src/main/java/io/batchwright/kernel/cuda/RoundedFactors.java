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
   * @param product whose factors are F32 or BF16
   * @param moreBytes of workspace
   */
  static void with(
      CudaDevice device, Products.Product product, long moreBytes, Consumer<RoundedFactors> work) {
    Factor a =
        product.transposeA()
            ? new Factor(product.a(), product.aRounded(), product.k(), product.m())
            : new Factor(product.a(), product.aRounded(), product.m(), product.k());
    Factor b =
        product.transposeB()
            ? new Factor(product.b(), product.bRounded(), product.n(), product.k())
            : new Factor(product.b(), product.bRounded(), product.k(), product.n());
    long bytes = a.bytes() + b.bytes() + moreBytes;
    if (bytes == 0) {
      work.accept(a.beside(b, 0));
      return;
    }
    device.withWorkspace(
        bytes,
        at -> {
          long eights = a.eights() + b.eights();
          if (eights > 0) {
            device.launch(
                Launch.elements("round_factors", eights)
                    .number(a.address)
                    .whole(a.rounded ? 1 : 0)
                    .number(at)
                    .number(a.columns)
                    .number(a.eights())
                    .number(b.address)
                    .whole(b.rounded ? 1 : 0)
                    .number(at + a.bytes())
                    .number(b.columns)
                    .number(eights));
          }
          work.accept(a.at(at).beside(b.at(at + a.bytes()), at + a.bytes() + b.bytes()));
        });
  }

  /** A factor as it lies; one that is bf16 and starts its rows at 16 bytes is taken as it is. */
  private record Factor(long address, boolean rounded, long rows, long columns) {
    boolean isReady() {
      return rounded && columns % EIGHT == 0 && address % (EIGHT * BYTES) == 0;
    }

    long pitch() {
      return Launch.blocks(columns, EIGHT) * EIGHT;
    }

    long eights() {
      return isReady() ? 0 : rows * pitch() / EIGHT;
    }

    long bytes() {
      return Uploads.room(EIGHT * BYTES * eights());
    }

    Factor at(long workspace) {
      return isReady() ? this : new Factor(workspace, true, rows, pitch());
    }

    RoundedFactors beside(Factor b, long rest) {
      return new RoundedFactors(address, pitch(), b.address, b.pitch(), rest);
    }
  }
}
