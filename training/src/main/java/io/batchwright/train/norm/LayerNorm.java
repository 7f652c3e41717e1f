package io.batchwright.train.norm;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowSum;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.InitialValues;
import java.util.List;

/**
 * Each row gets mean 0 and variance 1, then a trained gain and bias for each column.
 *
 * <pre>y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * gain + bias     x [B, D]</pre>
 *
 * <p><b>Deviations from the paper.</b> The variance is under the root with {@code epsilon}, as in
 * PyTorch; the paper has none.
 *
 * @param epsilon added to the variance, above 0
 */
@Paper(title = "Layer Normalization", arxiv = "1607.06450", where = "Equation 4")
public record LayerNorm(double epsilon) implements Normalization {
  /** PyTorch's epsilon of 1e-5. */
  public static final LayerNorm PAPER = new LayerNorm(1e-5);

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code epsilon <= 0}
   */
  public LayerNorm {
    Check.positive("LayerNorm.epsilon", epsilon);
  }

  @Override
  public NormalizationLayer build(String name, int dims, DType dtype, Arena run) {
    Tensor gain = run.allocate(name + ".weight", dtype, Shape.of(dims));
    Tensor bias = run.allocate(name + ".bias", dtype, Shape.of(dims));
    InitialValues.one().fill(gain);
    InitialValues.zero().fill(bias);
    return new Layer(
        epsilon,
        new Parameter(name + ".weight", gain, false, false),
        new Parameter(name + ".bias", bias, false, false));
  }

  /**
   * The definition, in elementary operations; the fused kernel is held equal to it.
   *
   * @param x [B, D]
   */
  static Variable composed(Graph g, Variable x, Variable gain, Variable bias, double epsilon) {
    Variable centered = g.sub(x, g.meanRows(x)); // [B, D] - [B, 1]
    Variable variance = g.meanRows(g.mul(centered, centered)); // [B, 1]
    Variable normal = g.div(centered, g.sqrt(g.shift(variance, epsilon))); // [B, D]
    return g.add(g.mul(normal, gain), bias);
  }

  private record Layer(double epsilon, Parameter gain, Parameter bias)
      implements NormalizationLayer {
    @Override
    public List<Parameter> parameters() {
      return List.of(gain, bias);
    }

    @Override
    public Variable apply(Graph g, Variable x) {
      return g.layerNorm(x, g.parameter(gain), g.parameter(bias), epsilon);
    }

    @Override
    public Variable apply(Graph g, RowSum x) {
      return g.layerNorm(x, g.parameter(gain), g.parameter(bias), epsilon);
    }
  }
}
