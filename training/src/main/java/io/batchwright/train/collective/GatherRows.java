package io.batchwright.train.collective;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Variable;
import java.util.stream.IntStream;

/**
 * All ranks' rows in one variable, through which the gradient flows back to the rank that owns
 * them.
 *
 * <pre>
 * forward   y = x_0 ; x_1 ; ... ; x_(world-1)      all-gather:      [R_r, D] -> [N, D]
 * backward  dx_r = sum over ranks s of dy_s[rows of r]   reduce-scatter: [N, D] -> [R_r, D]
 * </pre>
 *
 * <p>Every rank must reach its result in the backward pass, or none.
 */
public final class GatherRows {
  private GatherRows() {}

  /**
   * Records the operation.
   *
   * @param local [R_rank, D] this rank's rows, possibly none
   * @param rows R_r for each rank r
   * @return [N, D]; {@code local} itself in a world of one
   */
  public static Variable apply(Graph graph, Collective ranks, Variable local, int[] rows) {
    if (ranks.world() == 1) {
      return local;
    }
    int all = IntStream.of(rows).sum();
    int dims = local.shape().dim(1);
    DType dtype = local.value().dtype();
    String label = local.operation() + ".gathered";
    Tensor gathered = graph.arena().allocate(label, dtype, all, dims);
    ranks.allGather(local.value(), gathered, rows);
    return graph.custom(
        "gather rows",
        gathered,
        local,
        gradient -> {
          Tensor own = graph.arena().allocate(label + ".gradient", dtype, rows[ranks.rank()], dims);
          ranks.reduceScatter(gradient, own, rows);
          return own;
        });
  }
}
