package io.batchwright.train.optimizer;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.AdamWUpdate;
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
  // One for each rate factor: most parameters share the first.
  private final Map<Double, PastRates> pastRates = new LinkedHashMap<>();
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
  public void step(double learningRate, double gradientFactor) {
    pastRates.values().forEach(past -> past.append(steps, learningRate));
    steps++;
    List<AdamWUpdate> dense = new ArrayList<>();
    slots.forEach(slot -> slot.update(gradientFactor, dense));
    backend.adamW(dense, steps);
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
    pastRates.values().forEach(past -> past.forget(steps));
    slots.forEach(Slot::markUpToDate);
  }

  /**
   * The learning rates of the steps so far, times a factor: {@code rates()[s - 1]} is that of step
   * s. Replaying a missed step needs the rate it had.
   */
  private static final class PastRates {
    private final double factor;
    private double[] rates = new double[1024];

    PastRates(double factor) {
      this.factor = factor;
    }

    double[] rates() {
      return rates;
    }

    void append(int stepsBefore, double rate) {
      if (stepsBefore == rates.length) {
        rates = Arrays.copyOf(rates, 2 * rates.length);
      }
      rates[stepsBefore] = factor * rate;
    }

    /** A resumed run has no late rows, so no past to replay. */
    void forget(int resumedSteps) {
      rates = new double[Math.max(1024, 2 * resumedSteps)];
    }
  }

  /** One parameter with its moments; also brings its late rows up to date. */
  private final class Slot implements RowRefresher {
    private final Parameter parameter;
    private final AdamWRule rule;
    private final Moments moments;
    private final PastRates past;
    private boolean mayLag;
    // The step at which all rows were, where that is not written in the moments yet; else -1.
    private int allRowsAt = -1;

    Slot(AdamW recipe, Parameter parameter, Arena run) {
      this.parameter = parameter;
      this.rule =
          new AdamWRule(
              recipe.beta1(),
              recipe.beta2(),
              recipe.epsilon(),
              parameter.decay(recipe.weightDecay()));
      this.past = pastRates.computeIfAbsent(parameter.rateFactor(), PastRates::new);
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

    /** Updates rows at once, and adds to {@code dense} what is updated as a whole. */
    void update(double gradientFactor, List<AdamWUpdate> dense) {
      AdamWRule scaled = rule.ofGradientsTimes(gradientFactor);
      Optional<Gradient> gradient = parameter.gradient();
      parameter.clearGradient();
      Optional<RowSparse> rows = gradient.flatMap(Gradient::rowSparse);
      if (rows.isPresent()) {
        updateRows(rows.get(), scaled);
      } else if (gradient.isPresent()) {
        updateAll(gradient.get().values(), scaled, dense);
      } else {
        updateWithoutGradient();
      }
    }

    private void updateRows(RowSparse gradient, AdamWRule scaled) {
      Tensor value = parameter.storage();
      writeLastSteps();
      if (lazy) {
        backend.adamWRowsLazy(value, gradient, moments, scaled, past.rates(), steps);
      } else {
        backend.adamWRowsExact(value, gradient, moments, scaled, past.rates(), steps);
        mayLag = true;
      }
    }

    private void updateAll(Tensor gradient, AdamWRule scaled, List<AdamWUpdate> dense) {
      bringTo(steps - 1);
      dense.add(new AdamWUpdate(parameter.storage(), gradient, moments, scaled, past.rates()));
      markUpToDate();
    }

    private void updateWithoutGradient() {
      if (moments.lastStep() != null) {
        mayLag = true;
      } else if (!lazy || parameter.storage().shape().rank() != 2) {
        Tensor value = parameter.storage();
        try (Arena scratch = backend.arena(parameter.name() + " without gradient")) {
          Tensor zero = scratch.zeros("zero", value.dtype(), value.shape());
          backend.adamW(value, zero, moments, rule, past.rates(), steps);
        }
      }
    }

    @Override
    public void refresh(Tensor rows) {
      if (mayLag) {
        writeLastSteps();
        backend.adamWCatchUp(parameter.storage(), rows, moments, rule, past.rates(), steps);
      }
    }

    @Override
    public void refreshAll() {
      bringTo(steps);
    }

    private void bringTo(int step) {
      if (mayLag) {
        writeLastSteps();
        backend.adamWCatchUp(parameter.storage(), null, moments, rule, past.rates(), step);
        mayLag = false;
      }
    }

    void markUpToDate() {
      allRowsAt = steps;
      mayLag = false;
    }

    private void writeLastSteps() {
      if (moments.lastStep() != null && allRowsAt >= 0) {
        backend.fill(moments.lastStep(), allRowsAt);
        allRowsAt = -1;
      }
    }
  }
}
