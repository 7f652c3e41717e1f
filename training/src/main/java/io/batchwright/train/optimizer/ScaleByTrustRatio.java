package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Parameter;
import java.util.Arrays;
import java.util.List;

/**
 * Gives each layer's update the length of its parameter.
 *
 * <pre>u = u * |p| / |u|,  unchanged where either norm is 0</pre>
 *
 * <p><b>Deviations from the paper.</b> Its clipping function phi is the identity. On several ranks
 * the norms are those of the whole tensor, since updates are computed on reduced gradients.
 *
 * @param everyParameter whether parameters without weight decay (biases, norms) are scaled too, as
 *     in the paper; some implementations leave them alone
 */
@Paper(
    title = "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes",
    arxiv = "1904.00962",
    where = "Section 3.1")
public record ScaleByTrustRatio(boolean everyParameter) implements GradientTransform {
  /** Every parameter. */
  public static final ScaleByTrustRatio PAPER = new ScaleByTrustRatio(true);

  @Override
  public TransformInstance build(List<Parameter> parameters, Backend backend, Arena run) {
    return (updates, step) -> {
      double[] lengths =
          backend.sumsOfSquares(parameters.stream().map(Parameter::storage).toList());
      double[] moves = backend.sumsOfSquares(updates);
      double[] ratios = new double[updates.size()];
      Arrays.fill(ratios, 1);
      for (int i = 0; i < ratios.length; i++) {
        Parameter parameter = parameters.get(i);
        if (!everyParameter && !parameter.weightDecay()) {
          continue;
        }
        double length = Math.sqrt(lengths[i]);
        double moved = Math.sqrt(moves[i]);
        if (length > 0 && moved > 0) {
          ratios[i] = length / moved;
        }
      }
      backend.scaleEach(updates, ratios);
    };
  }
}
