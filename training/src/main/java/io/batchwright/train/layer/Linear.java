package io.batchwright.train.layer;

import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowSum;
import io.batchwright.train.graph.Variable;
import java.util.List;

/**
 * {@code y = x W^T + b}.
 *
 * @param weight [O, I], with weight decay
 * @param bias [O], without
 */
public record Linear(Parameter weight, Parameter bias) {
  /**
   * A layer that starts as {@code torch.nn.Linear} does: both uniform within {@code 1 / sqrt(I)}.
   *
   * @param name prefix of the parameters' names
   * @param shape [O, I]
   * @param random the stream; the weight takes the positions 0 to O * I - 1, the bias those after
   */
  public static Linear uniform(
      String name, Shape shape, DType dtype, Arena run, RandomStream random) {
    double bound = 1 / Math.sqrt(shape.dim(1));
    long weights = shape.elements();
    Tensor weight = run.allocate(name + ".weight", dtype, shape);
    Tensor bias = run.allocate(name + ".bias", dtype, Shape.of(shape.dim(0)));
    InitialValues values = InitialValues.uniform(random, bound);
    values.fill(weight);
    InitialValues afterWeights = position -> values.at(weights + position);
    afterWeights.fill(bias);
    return new Linear(
        new Parameter(name + ".weight", weight, true, false),
        new Parameter(name + ".bias", bias, false, false));
  }

  /**
   * A layer with Gaussian weights and a bias of zero, as BERT starts.
   *
   * @param name prefix of the parameters' names
   * @param shape [O, I]
   * @param deviation standard deviation of the weights
   * @param random the stream; the weight takes the positions 0 to O * I - 1
   */
  public static Linear gaussian(
      String name, Shape shape, double deviation, ParameterSpace space, RandomStream random) {
    return new Linear(
        space.gaussian(name + ".weight", shape, deviation, true, random),
        space.filled(name + ".bias", Shape.of(shape.dim(0)), 0));
  }

  /** Weight, then bias. */
  public List<Parameter> parameters() {
    return List.of(weight, bias);
  }

  /**
   * The layer's output.
   *
   * @param x [B, I]
   * @return [B, O]
   */
  public Variable apply(Graph graph, Variable x) {
    return graph.linear(x, graph.parameter(weight), graph.parameter(bias));
  }

  /**
   * The layer's output, with dropout, added to a residual; in one pass where nothing is dropped.
   *
   * @param residual [B, O]
   * @param x [B, I]
   * @param place names this use of dropout
   * @return [B, O]
   */
  public RowSum applyOnto(
      Graph graph, Variable residual, Variable x, Dropout dropout, String place) {
    RowSum sum = new RowSum(graph);
    if (dropout.probability() == 0) {
      return sum.plus(graph.linearAdd(x, graph.parameter(weight), graph.parameter(bias), residual));
    }
    return sum.plus(residual).plus(dropout.apply(graph, place, apply(graph, x)));
  }

  /**
   * The exact GELU of the layer's output.
   *
   * @param x [B, I]
   * @return [B, O]
   */
  public Variable applyGelu(Graph graph, Variable x) {
    return graph.linearGelu(x, graph.parameter(weight), graph.parameter(bias));
  }
}
