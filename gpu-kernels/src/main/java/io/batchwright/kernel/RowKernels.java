package io.batchwright.kernel;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.List;

/**
 * Operations on whole rows of a table, chosen by number. A number outside the table is an {@link
 * IllegalArgumentException} that names it. Sums run in the order of positions, whatever the device.
 */
public interface RowKernels {

  /**
   * The mean of the rows of each bag of tokens; zeros for an empty bag.
   *
   * @param table [V, D]
   * @param tokens I32 [T], all bags one after the other
   * @param cuSeqlens I32 [B + 1], rising from 0 to T: bag b is the tokens from {@code cuSeqlens[b]}
   *     to before {@code cuSeqlens[b + 1]}
   * @param out [B, D]
   */
  void embeddingBagMean(Tensor table, Tensor tokens, Tensor cuSeqlens, Tensor out);

  /**
   * The gradient of {@link #embeddingBagMean} for its table.
   *
   * @param dOut [B, D]
   * @param tokens I32 [T]
   * @param cuSeqlens I32 [B + 1]
   * @param tableRows V
   * @param arena where the result, whose size only the tokens know, is allocated
   * @return rows I32 [U] sorted and unique, values [U, D]
   */
  RowSparse embeddingBagMeanBackward(
      Tensor dOut, Tensor tokens, Tensor cuSeqlens, int tableRows, Arena arena);

  /**
   * The sum of row-sparse gradients, part after part and position after position. Rows of a part
   * need be neither sorted nor unique, so this also tidies what was gathered from other ranks.
   *
   * @param parts at least one, all of the same width and type
   * @param tableRows V
   * @param arena where the result is allocated
   * @return rows I32 [U] sorted and unique, values [U, D]
   */
  RowSparse sumRows(List<RowSparse> parts, int tableRows, Arena arena);

  /**
   * {@code out[i] = table[rows[i]]}.
   *
   * @param table [V, D], any type
   * @param rows I32 [N]
   * @param out [N, D]
   */
  void gatherRows(Tensor table, Tensor rows, Tensor out);

  /**
   * Adds: {@code into[rows[i]] += factor * values[i]} for i = 0, 1, ...
   *
   * @param values [N, D]
   * @param rows I32 [N]; repeats are allowed
   * @param into [V, D]
   */
  void scatterAddRows(Tensor values, Tensor rows, double factor, Tensor into);

  /**
   * One after the other along dim 0. The reverse are the views {@link Tensor#rows}.
   *
   * @param parts tensors of the same type, alike in all dims but the first
   */
  void concatRows(List<Tensor> parts, Tensor out);

  /**
   * {@code out[b] = in[b, columns[b]]}.
   *
   * @param in [B, N]
   * @param columns I32 [B]
   * @param out [B]
   */
  void selectColumns(Tensor in, Tensor columns, Tensor out);

  /**
   * Adds: {@code into[b, columns[b]] += values[b]}, the reverse of {@link #selectColumns}.
   *
   * @param values [B]
   * @param columns I32 [B]
   * @param into [B, N]
   */
  void addToColumns(Tensor values, Tensor columns, Tensor into);
}
