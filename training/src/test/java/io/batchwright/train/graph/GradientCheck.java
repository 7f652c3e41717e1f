package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Holds backward functions against central finite differences in float64.
 *
 * <p>The output is reduced to a scalar by fixed random weights, so that every element of the
 * Jacobian counts. Everything is drawn from {@code seed}, which failures name.
 */
public final class GradientCheck implements AutoCloseable {
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 2e-7;

  private final long seed;
  private final Backend backend = Backends.cpu();
  private final Arena run = backend.arena("gradient check");
  private final List<Parameter> parameters = new ArrayList<>();

  public GradientCheck(long seed) {
    this.seed = seed;
  }

  public Backend backend() {
    return backend;
  }

  public Arena run() {
    return run;
  }

  /** A parameter of standard normal values whose gradient will be checked. */
  public Parameter parameter(String name, int... dims) {
    return parameter(new Parameter(name, gaussian(name, dims), true, false));
  }

  /** Has the gradient of {@code parameter} checked. */
  public Parameter parameter(Parameter parameter) {
    parameters.add(parameter);
    return parameter;
  }

  /** Standard normal values in float64. */
  public Tensor gaussian(String name, int... dims) {
    Tensor tensor = run.allocate(name, DType.F64, Shape.of(dims));
    RandomStream random = RandomStream.of(seed, name, 0, 0);
    double[] values = new double[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussianAt(i);
    }
    tensor.copyFrom(values);
    return tensor;
  }

  public Tensor ints(int... values) {
    return run.ints("ints", values, values.length);
  }

  /** Checks the gradients of all parameters of this check. */
  public void agrees(Function<Graph, Variable> output) {
    agrees(output, STEP);
  }

  /** The same by differences of {@code step} to both sides. */
  void agrees(Function<Graph, Variable> output, double step) {
    List<double[]> found = analytic(output);
    for (int p = 0; p < parameters.size(); p++) {
      Parameter parameter = parameters.get(p);
      double[] values = parameter.storage().toDoubles();
      for (int i = 0; i < values.length; i++) {
        double expected = difference(output, parameter, values, i, step);
        assertThat(found.get(p)[i])
            .as("gradient of %s[%d], seed %d", parameter.name(), i, seed)
            .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
      }
    }
  }

  /** The gradients of the weighted output, spread out where they are row-sparse. */
  public List<double[]> analytic(Function<Graph, Variable> output) {
    return analytic(output, SavedTensors.KEEP);
  }

  /** The same with what operations keep packed by {@code savedTensors}. */
  List<double[]> analytic(Function<Graph, Variable> output, SavedTensors savedTensors) {
    try (Arena step = backend.arena("step")) {
      Graph g = new Graph(backend, step, savedTensors);
      parameters.forEach(Parameter::clearGradient);
      g.backward(weighted(g, output.apply(g)));
      List<double[]> gradients = parameters.stream().map(this::spreadOut).toList();
      parameters.forEach(Parameter::clearGradient);
      return gradients;
    }
  }

  private double difference(
      Function<Graph, Variable> output, Parameter parameter, double[] values, int i, double step) {
    double center = values[i];
    values[i] = center + step;
    parameter.storage().copyFrom(values);
    double above = value(output);
    values[i] = center - step;
    parameter.storage().copyFrom(values);
    double below = value(output);
    values[i] = center;
    parameter.storage().copyFrom(values);
    return (above - below) / (2 * step);
  }

  private double value(Function<Graph, Variable> output) {
    try (Arena step = backend.arena("step")) {
      Graph g = new Graph(backend, step);
      return weighted(g, output.apply(g)).item();
    }
  }

  /** The sum of the output's elements, each by a weight of its own. */
  Variable weighted(Graph g, Variable output) {
    RandomStream random = RandomStream.of(seed, "weights of the output", 0, 0);
    double[] weights = new double[(int) output.shape().elements()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.gaussianAt(i);
    }
    Tensor tensor = g.allocate("weights", output.value());
    tensor.copyFrom(weights);
    return g.sum(g.mul(output, g.constant(tensor)));
  }

  private double[] spreadOut(Parameter parameter) {
    return Gradients.spreadOut(parameter);
  }

  @Override
  public void close() {
    run.close();
    backend.close();
  }
}
