package io.batchwright.train.optimizer;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An optimizer that spreads every gradient out, sends it through a chain of transforms, and
 * subtracts the result times the learning rate: {@code p = p - rate * chain(g)}.
 */
public final class TransformChain implements OptimizerInstance {
  private final Backend backend;
  private final List<Parameter> parameters;
  private final List<TransformInstance> transforms;
  private final List<Tensor> updates = new ArrayList<>();
  private long steps;

  /**
   * Builds every transform, and one dense scratch tensor for each parameter.
   *
   * @param chain applied in this order
   * @param parameters what to train; frozen ones are left alone
   * @param backend computes
   * @param run the arena that holds state and scratch
   */
  public TransformChain(
      List<GradientTransform> chain, List<Parameter> parameters, Backend backend, Arena run) {
    this.backend = backend;
    this.parameters = parameters.stream().filter(parameter -> !parameter.frozen()).toList();
    this.transforms =
        chain.stream().map(link -> link.build(this.parameters, backend, run)).toList();
    for (Parameter parameter : this.parameters) {
      Tensor value = parameter.storage();
      updates.add(run.allocate(parameter.name() + ".update", value.dtype(), value.shape()));
    }
  }

  @Override
  public void step(double learningRate, double gradientFactor) {
    steps++;
    for (int i = 0; i < parameters.size(); i++) {
      spreadOut(parameters.get(i).gradient(), updates.get(i));
      parameters.get(i).clearGradient();
    }
    if (gradientFactor != 1) {
      double[] factors = new double[updates.size()];
      Arrays.fill(factors, gradientFactor);
      backend.scaleEach(updates, factors);
    }
    transforms.forEach(transform -> transform.apply(updates, steps));
    backend.axpyEach(
        parameters.stream().mapToDouble(p -> -learningRate * p.rateFactor()).toArray(),
        updates,
        parameters.stream().map(Parameter::storage).toList());
  }

  private void spreadOut(Optional<Gradient> gradient, Tensor update) {
    Optional<RowSparse> rows = gradient.flatMap(Gradient::rowSparse);
    if (gradient.isPresent() && rows.isEmpty()) {
      backend.copy(gradient.get().values(), update);
      return;
    }
    backend.fill(update, 0);
    rows.ifPresent(r -> backend.scatterAddRows(r.values(), r.rows(), 1, update));
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public void catchUp() {
    // Every step updates every row.
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    transforms.forEach(transform -> state.putAll(transform.state()));
    return state;
  }

  @Override
  public void resumeAt(long resumedSteps) {
    steps = resumedSteps;
  }
}
