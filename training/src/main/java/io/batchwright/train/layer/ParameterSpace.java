package io.batchwright.train.layer;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Parameter;

/**
 * Where the parameters of a model are made.
 *
 * @param backend fills them
 * @param run the arena that holds them
 * @param dtype F32, or F64 for checks
 * @param drawn whether random initial values are drawn; where not, the caller overwrites every
 *     value
 */
public record ParameterSpace(Backend backend, Arena run, DType dtype, boolean drawn) {
  /** A space whose initial values are drawn. */
  public ParameterSpace(Backend backend, Arena run, DType dtype) {
    this(backend, run, dtype, true);
  }

  /** This space for a model whose values are loaded afterwards. */
  public ParameterSpace undrawn() {
    return new ParameterSpace(backend, run, dtype, false);
  }

  /** Gaussian values around 0; position i of the stream gives element i. */
  public Parameter gaussian(
      String name, Shape shape, double deviation, boolean weightDecay, RandomStream random) {
    Tensor tensor = run.allocate(name, dtype, shape);
    if (drawn) {
      backend.fillGaussian(tensor, random, 0, 0, deviation);
    }
    return new Parameter(name, tensor, weightDecay, false);
  }

  /** One value everywhere, without weight decay: biases and gains. */
  public Parameter filled(String name, Shape shape, double value) {
    Tensor tensor = run.allocate(name, dtype, shape);
    backend.fill(tensor, value);
    return new Parameter(name, tensor, false, false);
  }
}
