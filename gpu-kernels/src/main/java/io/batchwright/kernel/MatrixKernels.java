package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;

/**
 * Matrix products and changes of layout.
 *
 * <p>A product has two dims, and there is no form for batches of products: texts are packed, so a
 * layer is one product over the tokens of all of them, and attention, which multiplies per text and
 * head, is an operation of its own ({@link SequenceKernels}).
 */
public interface MatrixKernels {

  /**
   * {@code out = alpha * op(a) op(b) + beta * out}, where op transposes if its flag says so. With
   * {@code beta == 0} the old contents of {@code out} are ignored, NaN too.
   *
   * @param a [M, K], or [K, M] if {@code transposeA}
   * @param b [K, N], or [N, K] if {@code transposeB}
   * @param out [M, N]
   */
  void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out);

  /** {@code out = a b}: [M, K] x [K, N] -> [M, N]. */
  default void matmul(Tensor a, Tensor b, Tensor out) {
    matmul(a, false, b, false, 1, 0, out);
  }

  /**
   * {@code out = x weight^T + bias}, the bias added to each row.
   *
   * @param x [M, K]
   * @param weight [N, K]
   * @param bias [N]
   * @param out [M, N]
   */
  void linear(Tensor x, Tensor weight, Tensor bias, Tensor out);

  /**
   * {@link #linear} and the {@link ElementKernels#gelu} of what it stores, the same bits as one
   * after the other.
   *
   * @param x [M, K]
   * @param weight [N, K]
   * @param bias [N]
   * @param before [M, N], what {@link #linear} gives: {@link ElementKernels#geluBackward} needs it
   * @param out [M, N] of the type of {@code before}
   */
  void linearGelu(Tensor x, Tensor weight, Tensor bias, Tensor before, Tensor out);

  /**
   * {@code out = (x weight^T + bias) + residual}, rounded once to the type of {@code out}.
   *
   * @param x [M, K]
   * @param weight [N, K]
   * @param bias [N]
   * @param residual [M, N] of the type of {@code out}, not sharing its memory
   * @param out [M, N]
   */
  void linearAdd(Tensor x, Tensor weight, Tensor bias, Tensor residual, Tensor out);

  /** {@code out = in transposed}: [M, N] -> [N, M]; any type. */
  void transpose(Tensor in, Tensor out);
}
