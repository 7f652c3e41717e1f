package io.batchwright.kernel;

import io.batchwright.tensor.Tensor;
import java.util.List;

/**
 * Sums and what is built on them. Sums are accumulated in double precision in a fixed order. {@code
 * dim} counts from the end where negative; the output has that dim removed, or kept with extent 1.
 *
 * <p>Masks: {@code null}, or I32 [B, N] (0 takes the score out), or additive of the scores' type
 * [B, N] (-infinity takes it out). A score that is out counts as -infinity: it has probability 0.
 */
public interface ReductionKernels {

  /** {@code out = sum of in along dim}; BF16 along dim 0 alone, into F32. */
  void sum(Tensor in, int dim, Tensor out);

  /** {@code out = mean of in along dim}; the extent must be at least 1. */
  void mean(Tensor in, int dim, Tensor out);

  /** {@code out = maximum of in along dim}; NaN if there is one, -infinity if the extent is 0. */
  void max(Tensor in, int dim, Tensor out);

  /** The sum of all elements in one element. */
  void sumAll(Tensor in, Tensor out);

  /**
   * Probabilities of each row; a row whose scores are all out becomes zeros.
   *
   * @param scores [B, N]
   * @param mask see above, or null
   * @param out [B, N]
   */
  void softmax(Tensor scores, Tensor mask, Tensor out);

  /**
   * {@code dScores = out * (dOut - sum of out * dOut over the row)}.
   *
   * @param out [B, N] as {@link #softmax} made it
   * @param dOut [B, N]
   * @param dScores [B, N]
   */
  void softmaxBackward(Tensor out, Tensor dOut, Tensor dScores);

  /**
   * {@code out = log sum exp} of each row; -infinity, never NaN, for a row whose scores are all
   * out. Its gradient is {@code dOut} times the {@link #softmax} of the same scores and mask.
   *
   * @param scores [B, N]
   * @param mask see above, or null
   * @param out [B] or [B, 1]
   */
  void logSumExp(Tensor scores, Tensor mask, Tensor out);

  /**
   * {@code out = in / max(norm of the row, 1e-12)}.
   *
   * @param in [B, D]
   * @param norms [B], the rows' euclidean norms, kept for the backward pass
   * @param out [B, D]
   */
  void l2Normalize(Tensor in, Tensor norms, Tensor out);

  /**
   * {@code dIn = (dOut - out * <out, dOut>) / norm}, and {@code dOut / 1e-12} for a shorter row.
   *
   * @param out [B, D] and {@code norms} [B] as {@link #l2Normalize} made them
   */
  void l2NormalizeBackward(Tensor out, Tensor norms, Tensor dOut, Tensor dIn);

  /**
   * The mean row of each sequence, {@link #l2Normalize}d: one pass, zeros for an empty sequence.
   *
   * @param in [T, D], sequences one behind the other
   * @param cuSeqlens I32 [B + 1], rising from 0 to T: sequence b is the rows from {@code
   *     cuSeqlens[b]} to before {@code cuSeqlens[b + 1]}
   * @param norms [B] of the means, kept for the backward pass
   * @param out [B, D]
   */
  void poolNormalize(Tensor in, Tensor cuSeqlens, Tensor norms, Tensor out);

  /**
   * The gradient of {@link #poolNormalize}: {@link #l2NormalizeBackward} of a sequence's row,
   * shared out among its rows.
   *
   * @param out [B, D] and {@code norms} [B] as {@link #poolNormalize} made them
   * @param cuSeqlens I32 [B + 1]
   * @param dOut [B, D]
   * @param dIn [T, D]
   */
  void poolNormalizeBackward(Tensor out, Tensor norms, Tensor cuSeqlens, Tensor dOut, Tensor dIn);

  /**
   * Sum of squares of all elements, for a global norm; the square root of the sum over tensors is
   * it. Within 1e-6 for floats, finite wherever a double can hold it.
   */
  double sumOfSquares(Tensor in);

  /**
   * {@link #sumOfSquares} of each tensor. A device that works beside the host is waited for once.
   */
  default double[] sumsOfSquares(List<Tensor> tensors) {
    return tensors.stream().mapToDouble(this::sumOfSquares).toArray();
  }

  /** Whether no element is NaN or infinite. */
  boolean allFinite(Tensor in);
}
