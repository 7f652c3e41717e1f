package io.batchwright.train.optimizer;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.RowRefresher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** AdamW and LazyAdamW by the backend's fused updates. */
final class AdamWInstance implements OptimizerInstance {
  private final Backend backend;
  private final boolean lazy;
  private final List<Slot> slots = new ArrayList<>();
  // rates[s - 1] is the learning rate of step s: replaying a missed step needs the rate it had.
  private double[] rates = new double[1024];
  private int steps;

  AdamWInstance(
      AdamW recipe, List<Parameter> parameters, Backend backend, Arena run, boolean lazy) {
    this.backend = backend;
    this.lazy = lazy;
    for (Parameter parameter : parameters) {
      if (!parameter.frozen()) {
        slots.add(new Slot(recipe, parameter, run));
      }
    }
  }

  @Override
  public void step(double learningRate) {
    if (steps == rates.length) {
      rates = Arrays.copyOf(rates, 2 * rates.length);
    }
    rates[steps] = learningRate;
    steps++;
    slots.forEach(Slot::update);
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public void catchUp() {
    slots.forEach(Slot::refreshAll);
  }

  @Override
  public Map<String, Tensor> state() {
    catchUp();
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Slot slot : slots) {
      state.put(slot.parameter.name() + ".m", slot.moments.first());
      state.put(slot.parameter.name() + ".v", slot.moments.second());
    }
    return state;
  }

  @Override
  public void resumeAt(long resumedSteps) {
    steps = Math.toIntExact(resumedSteps);
    rates = new double[Math.max(1024, 2 * steps)];
    slots.forEach(Slot::markUpToDate);
  }

  /** One parameter with its moments; also brings its late rows up to date. */
  private final class Slot implements RowRefresher {
    private final Parameter parameter;
    private final AdamWRule rule;
    private final Moments moments;
    private boolean mayLag;

    Slot(AdamW recipe, Parameter parameter, Arena run) {
      this.parameter = parameter;
      this.rule =
          new AdamWRule(
              recipe.beta1(),
              recipe.beta2(),
              recipe.epsilon(),
              parameter.weightDecay() ? recipe.weightDecay() : 0);
      Tensor value = parameter.storage();
      Tensor first = run.zeros(parameter.name() + ".m", value.dtype(), value.shape());
      Tensor second = run.zeros(parameter.name() + ".v", value.dtype(), value.shape());
      if (value.shape().rank() == 2 && !lazy) {
        Shape rows = Shape.of(value.shape().dim(0));
        Tensor lastStep = run.zeros(parameter.name() + ".last_step", DType.I32, rows);
        this.moments = new Moments(first, second, lastStep);
        parameter.refresher(this);
      } else {
        this.moments = new Moments(first, second);
      }
    }

    void update() {
      Optional<Gradient> gradient = parameter.gradient();
      parameter.clearGradient();
      Optional<RowSparse> rows = gradient.flatMap(Gradient::rowSparse);
      if (rows.isPresent()) {
        updateRows(rows.get());
      } else if (gradient.isPresent()) {
        updateAll(gradient.get().values());
      } else {
        updateWithoutGradient();
      }
    }

    private void updateRows(RowSparse gradient) {
      Tensor value = parameter.storage();
      if (lazy) {
        backend.adamWRowsLazy(value, gradient, moments, rule, rates, steps);
      } else {
        backend.adamWRowsExact(value, gradient, moments, rule, rates, steps);
        mayLag = true;
      }
    }

    private void updateAll(Tensor gradient) {
      bringTo(steps - 1);
      backend.adamW(parameter.storage(), gradient, moments, rule, rates, steps);
      markUpToDate();
    }

    private void updateWithoutGradient() {
      if (moments.lastStep() != null) {
        mayLag = true;
      } else if (!lazy || parameter.storage().shape().rank() != 2) {
        Tensor value = parameter.storage();
        try (Arena scratch = backend.arena(parameter.name() + " without gradient")) {
          Tensor zero = scratch.zeros("zero", value.dtype(), value.shape());
          backend.adamW(value, zero, moments, rule, rates, steps);
        }
      }
    }

    @Override
    public void refresh(Tensor rows) {
      if (mayLag) {
        backend.adamWCatchUp(parameter.storage(), rows, moments, rule, rates, steps);
      }
    }

    @Override
    public void refreshAll() {
      bringTo(steps);
    }

    private void bringTo(int step) {
      if (mayLag) {
        backend.adamWCatchUp(parameter.storage(), null, moments, rule, rates, step);
        mayLag = false;
      }
    }

    void markUpToDate() {
      if (moments.lastStep() != null) {
        backend.fill(moments.lastStep(), steps);
      }
      mayLag = false;
    }
  }
}
