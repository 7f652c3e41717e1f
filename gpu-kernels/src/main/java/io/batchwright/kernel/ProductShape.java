package io.batchwright.kernel;

import static io.batchwright.kernel.Arguments.rank;
import static io.batchwright.kernel.Arguments.require;
import static io.batchwright.kernel.Arguments.sameFloating;
import static io.batchwright.kernel.Arguments.shape;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;

/** The dims of a matrix product, [M, K] times [K, N]. */
public record ProductShape(int m, int n, int k) {

  /** Those of {@code op(a) op(b)}, where op transposes if its flag says so. */
  public static ProductShape of(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
    return new ProductShape(
        a.shape().dim(transposeA ? 1 : 0),
        b.shape().dim(transposeB ? 0 : 1),
        a.shape().dim(transposeA ? 0 : 1));
  }

  /** Fails unless the factors fit each other and {@code out}. */
  public static ProductShape check(
      String operation, Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor out) {
    if (Widened.needed(a, b, out)) {
      for (Tensor tensor : new Tensor[] {a, b, out}) {
        require(
            tensor.dtype() == DType.F32 || tensor.dtype() == DType.BF16,
            operation,
            "%s must be F32 or BF16 beside one of BF16",
            tensor);
      }
    } else {
      sameFloating(operation, a, b, out);
    }
    rank(operation, "a", a, 2);
    rank(operation, "b", b, 2);
    ProductShape of = of(a, transposeA, b, transposeB);
    require(
        b.shape().dim(transposeB ? 1 : 0) == of.k,
        operation,
        "inner dims differ: %s%s times %s%s",
        a,
        transposeA ? " transposed" : "",
        b,
        transposeB ? " transposed" : "");
    shape(operation, "out", out, of.m, of.n);
    return of;
  }

  /** Whether the result has no elements. */
  boolean isEmpty() {
    return m == 0 || n == 0;
  }
}
