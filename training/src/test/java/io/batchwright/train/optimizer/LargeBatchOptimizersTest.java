package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Two steps from (1, 2, 3) with the gradients (0.1, -0.2, 0.3) and (0.2, 0.1, -0.1), then ten steps
 * against the formulas. The golden rows of Lion and LAMB agree with optax 0.2.8 to every digit;
 * LARS is the paper's form.
 */
class LargeBatchOptimizersTest {
  private static final double[][] GRADIENTS = {{0.1, -0.2, 0.3}, {0.2, 0.1, -0.1}};

  @Test
  void lionGivesTheGoldenValues() {
    steps(
        new Lion(0.9, 0.99, 0.1),
        0.01,
        new double[][] {{0.989, 2.008, 2.987}, {0.978011, 1.995992, 2.994013}});
  }

  @Test
  void lambGivesTheGoldenValues() {
    steps(
        Lamb.PAPER,
        0.01,
        new double[][] {
          {0.9783305967, 2.021025859, 2.977901352}, {0.9450819304, 2.02941937, 2.963237368}
        });
  }

  @Test
  void larsGivesTheGoldenValuesOfThePapersForm() {
    steps(
        new Lars(0.9, 0.001, 1e-4),
        0.1,
        new double[][] {{0.9999, 2.0001996, 2.9997}, {0.9995048215, 2.000226423, 2.999582056}});
  }

  private static void steps(Optimizer recipe, double rate, double[][] expected) {
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("test")) {
      Tensor value = arena.allocate("p", DType.F64, Shape.of(3));
      value.copyFrom(new double[] {1, 2, 3});
      Parameter parameter = new Parameter("p", value);
      OptimizerInstance optimizer = recipe.build(List.of(parameter), backend, arena);
      for (int step = 0; step < 2; step++) {
        Tensor gradient = arena.allocate("g", DType.F64, Shape.of(3));
        gradient.copyFrom(GRADIENTS[step]);
        parameter.gradient(Gradient.dense(gradient));
        optimizer.step(rate);
        assertThat(parameter.value().toDoubles()).containsExactly(expected[step], within(1e-9));
      }
    }
  }

  @Test
  void tenLionStepsEqualTheFormula() {
    Lion lion = new Lion(0.9, 0.99, 0.1);
    try (OptimizerRun run = new OptimizerRun(DType.F64, lion)) {
      double[] table = run.table.value().toDoubles();
      double[] momentum = new double[table.length];
      for (long step = 0; step < 10; step++) {
        for (int i = 0; i < table.length; i++) {
          double g = gradient(step, i);
          double c = 0.9 * momentum[i] + 0.1 * g;
          momentum[i] = 0.99 * momentum[i] + 0.01 * g;
          table[i] -= OptimizerRun.rate(step) * (Math.signum(c) + 0.1 * table[i]);
        }
        run.sparseStep(step);
      }
      assertThat(run.table.value().toDoubles()).containsExactly(table, within(1e-12));
    }
  }

  @Test
  void tenLambStepsEqualTheFormulaAndMoveEachLayerByItsShare() {
    try (OptimizerRun run = new OptimizerRun(DType.F64, Lamb.PAPER)) {
      double[] table = run.table.value().toDoubles();
      double[] m = new double[table.length];
      double[] v = new double[table.length];
      double[] r = new double[table.length];
      for (long step = 0; step < 10; step++) {
        double length = 0;
        double moved = 0;
        for (int i = 0; i < table.length; i++) {
          double g = gradient(step, i);
          m[i] = 0.9 * m[i] + 0.1 * g;
          v[i] = 0.999 * v[i] + 0.001 * g * g;
          double first = m[i] / (1 - Math.pow(0.9, step + 1));
          double second = v[i] / (1 - Math.pow(0.999, step + 1));
          r[i] = first / (Math.sqrt(second) + 1e-6) + 0.01 * table[i];
          length += table[i] * table[i];
          moved += r[i] * r[i];
        }
        for (int i = 0; i < table.length; i++) {
          table[i] -= OptimizerRun.rate(step) * Math.sqrt(length / moved) * r[i];
        }
        run.sparseStep(step);
      }
      assertThat(run.table.value().toDoubles()).containsExactly(table, within(1e-12));
    }
  }

  @Test
  void tenAdagradStepsEqualTheFormula() {
    try (OptimizerRun run = new OptimizerRun(DType.F64, new Adagrad(0.5, 1e-10, 0.1))) {
      double[] table = run.table.value().toDoubles();
      double[] sum = new double[table.length];
      java.util.Arrays.fill(sum, 0.5);
      for (long step = 0; step < 10; step++) {
        for (int i = 0; i < table.length; i++) {
          double d = gradient(step, i) + 0.1 * table[i];
          sum[i] += d * d;
          table[i] -= OptimizerRun.rate(step) * d / (Math.sqrt(sum[i]) + 1e-10);
        }
        run.sparseStep(step);
      }
      assertThat(run.table.value().toDoubles()).containsExactly(table, within(1e-12));
    }
  }

  /** A gradient of Lion counts by its sign only, and so does one of LAMB without decay. */
  @Test
  void theScaleOfGradientsDoesNotMatter() {
    for (Optimizer recipe : List.of(Lion.PAPER, new Lamb(0.9, 0.999, 1e-30, 0, true))) {
      assertThat(scaled(recipe, 1000)).containsExactly(scaled(recipe, 1), within(1e-9));
    }
  }

  private static double[] scaled(Optimizer recipe, double scale) {
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("test")) {
      Tensor value = arena.allocate("p", DType.F64, Shape.of(3));
      value.copyFrom(new double[] {1, 2, 3});
      Parameter parameter = new Parameter("p", value);
      OptimizerInstance optimizer = recipe.build(List.of(parameter), backend, arena);
      for (double[] row : GRADIENTS) {
        Tensor gradient = arena.allocate("g", DType.F64, Shape.of(3));
        gradient.copyFrom(row);
        backend.scale(gradient, scale, gradient);
        parameter.gradient(Gradient.dense(gradient));
        optimizer.step(0.01);
      }
      return parameter.value().toDoubles();
    }
  }

  private static double gradient(long step, int index) {
    for (int row : OptimizerRun.touched(step)) {
      if (row == index / OptimizerRun.DIMS) {
        return OptimizerRun.draw(step, index);
      }
    }
    return 0;
  }
}
