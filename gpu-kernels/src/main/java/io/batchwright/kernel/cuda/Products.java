package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;

/** A provider of matrix products on the device. */
interface Products {

  /** What does the work, as in {@code float32} or {@code cublas 12.4, bf16}. */
  String name();

  /** In what precision it takes factors of F32. */
  Precision precision();

  /** Which ways of multiplying are taken, as {@link ProductProvider#by} reads it. */
  String choices();

  /** Hands a product over; m and n are at least 1. */
  void multiply(Product product);

  /**
   * {@code c = alpha op(a) op(b) + beta c} and what its epilogue adds, all row-major and without
   * gaps.
   *
   * @param dtype of c; F32 factors of a BF16 result are rounded
   * @param aRounded whether a is of BF16, else F32 or F64
   * @param bRounded whether b is of BF16, else F32 or F64
   * @param a address of [M, K], or [K, M] if {@code transposeA}
   * @param b address of [K, N], or [N, K] if {@code transposeB}
   * @param c address of [M, N]; not read if {@code beta == 0}
   * @param epilogue what is done besides, only where {@code beta == 0} and b alone is transposed
   */
  record Product(
      DType dtype,
      int m,
      int n,
      int k,
      boolean transposeA,
      boolean transposeB,
      double alpha,
      double beta,
      boolean aRounded,
      boolean bRounded,
      long a,
      long b,
      long c,
      Epilogue epilogue) {

    long elements() {
      return (long) m * n;
    }

    /** The product alone in float32, at another address: what {@link #join} finishes. */
    Product inFloat32(long at) {
      return new Product(
          DType.F32,
          m,
          n,
          k,
          transposeA,
          transposeB,
          alpha,
          0,
          aRounded,
          bRounded,
          a,
          b,
          at,
          Epilogue.NONE);
    }

    /** Adds pieces [pieces, M, N] in order, then {@code beta c} and the epilogue; rounds once. */
    Launch join(long partial, int pieces) {
      return Launch.elements(Checks.typed("join_products", dtype), elements())
          .number(partial)
          .number(c)
          .number(elements())
          .whole(pieces)
          .scalar(dtype, beta)
          .number(epilogue.bias())
          .number(epilogue.residual())
          .number(epilogue.before())
          .number(n);
    }

    /** Whether factors must be rounded to bf16 before they are multiplied, or are already. */
    boolean isRounded(Precision precision) {
      return dtype == DType.BF16
          || aRounded
          || bRounded
          || precision == Precision.BF16 && dtype == DType.F32;
    }
  }

  /**
   * What is done with each sum before it is stored, in this order.
   *
   * @param bias address of [N], of F32 or F64, added to each row; 0 for none
   * @param residual address of [M, N] of the result's type, added; 0 for none
   * @param before address of [M, N] of the result's type, where the sum is kept while GELU of it is
   *     the result; 0 for no GELU
   */
  record Epilogue(long bias, long residual, long before) {
    static final Epilogue NONE = new Epilogue(0, 0, 0);

    boolean isNone() {
      return equals(NONE);
    }
  }
}
