package io.batchwright.kernel;

import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.List;

/**
 * Parameter updates, in place. Steps count from 1. {@code rates[s - 1]} is the learning rate of
 * step s; an update at {@code step} reads the rates up to its own, so the array may be longer.
 *
 * <p>Where many tensors are updated at once none may overlap another: their order is not said.
 *
 * <p>Two ways to update a table [V, D] of whose rows a step touches few:
 *
 * <ul>
 *   <li>{@link #adamWRowsExact}: the same bits as {@link #adamW} with zero gradients in the
 *       untouched rows. A row waits until it is next read, then the missed steps are replayed. A
 *       row must be caught up by {@link #adamWCatchUp} before a forward pass or an export reads it.
 *   <li>{@link #adamWRowsLazy}: untouched rows stand still, as in {@code torch.optim.SparseAdam},
 *       with decoupled decay on the touched rows. Another algorithm, to be named so.
 * </ul>
 */
public interface UpdateKernels {

  /** {@code parameter -= rate * gradient}. */
  void sgd(Tensor parameter, Tensor gradient, double rate);

  /** {@code parameter[rows[u]] -= rate * values[u]}; rows are unique. */
  void sgdRows(Tensor parameter, RowSparse gradient, double rate);

  /** {@link #adamW(List, int)} of one parameter. */
  default void adamW(
      Tensor parameter,
      Tensor gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step) {
    adamW(List.of(new AdamWUpdate(parameter, gradient, moments, rule, rates)), step);
  }

  /**
   * AdamW with dense gradients, of many parameters at once.
   *
   * @param step from 1
   */
  void adamW(List<AdamWUpdate> updates, int step);

  /**
   * Replaces gradients by where Adam moves (Kingma and Ba, 1412.6980, algorithm 1), many at once.
   *
   * <pre>
   *   m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
   *   g = m / (1 - beta1^step) / (sqrt(v) / sqrt(1 - beta2^step) + epsilon)
   * </pre>
   *
   * @param gradients any shapes; overwritten
   * @param moments one for each gradient, of its shape; {@code lastStep} is not used
   * @param rule its weight decay is not used
   * @param step from 1
   */
  void adamDirections(List<Tensor> gradients, List<Moments> moments, AdamWRule rule, int step);

  /**
   * Replaces gradients by where Lion moves (Chen et al., 2302.06675, program 1), many at once.
   *
   * <pre>
   *   g, m = sign(beta1 m + (1 - beta1) g), beta2 m + (1 - beta2) g
   * </pre>
   *
   * @param gradients any shapes; overwritten
   * @param momenta one for each gradient, of its shape
   */
  void lionDirections(List<Tensor> gradients, List<Tensor> momenta, double beta1, double beta2);

  /**
   * Brings rows to the end of step {@code upTo} by replaying the steps they missed with zero
   * gradients.
   *
   * @param parameter [V, D]
   * @param rows I32 [N], repeats allowed; null for all rows
   * @param moments [V, D] with {@code lastStep}
   * @param upTo the last finished step, from 0; rows already there stay as they are
   */
  void adamWCatchUp(
      Tensor parameter, Tensor rows, Moments moments, AdamWRule rule, double[] rates, int upTo);

  /**
   * AdamW on the touched rows, each caught up to {@code step - 1} first if it was not.
   *
   * @param parameter [V, D]
   * @param gradient sorted unique rows [U], values [U, D]
   * @param moments [V, D] with {@code lastStep}, which becomes {@code step} for these rows
   */
  void adamWRowsExact(
      Tensor parameter,
      RowSparse gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step);

  /** AdamW on the touched rows only; the others keep parameter and moments. */
  void adamWRowsLazy(
      Tensor parameter,
      RowSparse gradient,
      Moments moments,
      AdamWRule rule,
      double[] rates,
      int step);
}
