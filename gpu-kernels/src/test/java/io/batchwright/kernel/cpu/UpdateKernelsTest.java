package io.batchwright.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.kernel.AdamWRule;
import io.batchwright.kernel.AdamWUpdate;
import io.batchwright.kernel.Moments;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RowSparse;
import io.batchwright.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateKernelsTest extends KernelTest {
  private static final AdamWRule RULE = new AdamWRule(0.9, 0.999, 1e-8, 0.1);
  private static final int ROWS = 7;

  @Test
  void tenStepsOfAdamWFollowThePlainFormula() {
    for (DType dtype : TYPES) {
      for (int n : AWKWARD) {
        Tensor parameter = normal("p", dtype, n);
        Moments moments = new Moments(zeros(dtype, n), zeros(dtype, n));
        double[] rates = rates(10);
        double[] p = parameter.toDoubles();
        double[] m = new double[n];
        double[] v = new double[n];
        for (int step = 1; step <= 10; step++) {
          Tensor gradient = normal("g" + step, dtype, n);
          backend.adamW(parameter, gradient, moments, RULE, rates, step);
          plainAdamW(p, gradient.toDoubles(), m, v, rates[step - 1], step);
        }
        Values.assertClose(parameter, p, Values.tolerance(dtype, 2e-6));
        Values.assertClose(moments.first(), m, Values.tolerance(dtype, 1e-6));
        Values.assertClose(moments.second(), v, Values.tolerance(dtype, 1e-6));
      }
    }
  }

  /** Sizes that need no, one and several pieces of a launch, in both types together. */
  @Test
  void manyTensorsAtOnceAreUpdatedAsEachAlone() {
    List<AdamWUpdate> together = new ArrayList<>();
    List<AdamWUpdate> alone = new ArrayList<>();
    double[] rates = rates(3);
    int[] sizes = {5, 0, 40_000, 1, 16_384, 33};
    for (int i = 0; i < 2 * sizes.length; i++) {
      int n = sizes[i % sizes.length];
      DType dtype = TYPES[i / sizes.length];
      AdamWRule rule = new AdamWRule(0.9, 0.99, 1e-8, 0.01 * i);
      for (List<AdamWUpdate> updates : List.of(together, alone)) {
        updates.add(
            new AdamWUpdate(
                normal("p" + i, dtype, n),
                normal("g" + i, dtype, n),
                new Moments(zeros(dtype, n), zeros(dtype, n)),
                rule,
                rates));
      }
    }
    backend.adamW(together, 3);
    for (int i = 0; i < alone.size(); i++) {
      AdamWUpdate of = alone.get(i);
      backend.adamW(of.parameter(), of.gradient(), of.moments(), of.rule(), rates, 3);
      AdamWUpdate got = together.get(i);
      Values.assertClose(got.parameter(), of.parameter().toDoubles(), 0);
      Values.assertClose(got.moments().first(), of.moments().first().toDoubles(), 0);
      Values.assertClose(got.moments().second(), of.moments().second().toDoubles(), 0);
    }
    assertThatThrownBy(() -> backend.adamW(together, 4))
        .hasMessage("adamW: 3 rates do not reach step 4");
    backend.adamW(List.of(), 1);
  }

  /** Clipping inside of the update gives the bits of clipping before it. */
  @Test
  void gradientsAreMultipliedAsByAPassOfItsOwn() {
    double factor = 0.3;
    for (DType dtype : TYPES) {
      for (int n : AWKWARD) {
        Tensor inside = normal("p", dtype, n);
        Tensor before = normal("p", dtype, n);
        Tensor gradient = normal("g", dtype, n);
        Moments moments = new Moments(zeros(dtype, n), zeros(dtype, n));
        backend.adamW(inside, gradient, moments, RULE.ofGradientsTimes(factor), rates(1), 1);
        backend.scaleEach(List.of(gradient), new double[] {factor});
        Moments others = new Moments(zeros(dtype, n), zeros(dtype, n));
        backend.adamW(before, gradient, others, RULE, rates(1), 1);
        Values.assertClose(inside, before.toDoubles(), 0);
        Values.assertClose(moments.second(), others.second().toDoubles(), 0);
      }
    }
  }

  @Test
  void directionsFollowTheirFormulas() {
    for (DType dtype : TYPES) {
      int[] sizes = {33, 0, 17_000};
      List<Tensor> adam = new ArrayList<>();
      List<Tensor> lion = new ArrayList<>();
      List<Moments> moments = new ArrayList<>();
      List<Tensor> momenta = new ArrayList<>();
      for (int n : sizes) {
        adam.add(normal("g" + n, dtype, n));
        lion.add(normal("g" + n, dtype, n));
        moments.add(new Moments(normal("m" + n, dtype, n), zeros(dtype, n)));
        momenta.add(normal("m" + n, dtype, n));
      }
      backend.adamDirections(adam, moments, RULE, 3);
      backend.lionDirections(lion, momenta, 0.9, 0.99);
      for (int t = 0; t < sizes.length; t++) {
        double[] g = Values.normal("g" + sizes[t], sizes[t]);
        double[] m = Values.normal("m" + sizes[t], sizes[t]);
        double[] direction = new double[sizes[t]];
        double[] sign = new double[sizes[t]];
        double[] momentum = new double[sizes[t]];
        for (int i = 0; i < sizes[t]; i++) {
          double second = (1 - RULE.beta2()) * g[i] * g[i];
          double first = RULE.beta1() * m[i] + (1 - RULE.beta1()) * g[i];
          direction[i] =
              first
                  / (1 - Math.pow(RULE.beta1(), 3))
                  / (Math.sqrt(second / (1 - Math.pow(RULE.beta2(), 3))) + RULE.epsilon());
          sign[i] = Math.signum(first);
          momentum[i] = 0.99 * m[i] + (1 - 0.99) * g[i];
        }
        Values.assertClose(adam.get(t), direction, Values.tolerance(dtype, 4e-6));
        Values.assertClose(lion.get(t), sign, 0);
        Values.assertClose(momenta.get(t), momentum, Values.tolerance(dtype, 1e-6));
      }
    }
  }

  /**
   * Rows are touched at steps of their own, with gaps of up to 2,000 steps, long past the decay of
   * m.
   */
  @Test
  void rowsCaughtUpLazilyEqualTheDenseUpdate() {
    for (DType dtype : TYPES) {
      for (int width : new int[] {1, 33, 1025}) {
        int steps = width == 33 ? 2_000 : 60;
        Tensor dense = normal("p", dtype, ROWS, width);
        Tensor sparse = normal("p", dtype, ROWS, width);
        Moments denseMoments = new Moments(zeros(dtype, ROWS, width), zeros(dtype, ROWS, width));
        Moments rowMoments =
            new Moments(
                zeros(dtype, ROWS, width), zeros(dtype, ROWS, width), zeros(DType.I32, ROWS));
        double[] rates = rates(steps);
        Tensor gradient = zeros(dtype, ROWS, width);
        for (int step = 1; step <= steps; step++) {
          int[] touched = touched(step);
          Tensor rows = arena.ints("rows", touched);
          Tensor values = normal("g" + step % 50, dtype, touched.length, width);
          backend.fill(gradient, 0);
          backend.scatterAddRows(values, rows, 1, gradient);
          backend.adamW(dense, gradient, denseMoments, RULE, rates, step);
          if (step % 3 == 0) { // as before a forward pass; otherwise the update itself catches up
            backend.adamWCatchUp(sparse, rows, rowMoments, RULE, rates, step - 1);
          }
          backend.adamWRowsExact(
              sparse, new RowSparse(rows, values), rowMoments, RULE, rates, step);
        }
        backend.adamWCatchUp(sparse, null, rowMoments, RULE, rates, steps);
        double tolerance = dtype == DType.F32 ? 1e-6 : 1e-12;
        Values.assertClose(sparse, dense.toDoubles(), tolerance);
        assertThat(sparse.toDoubles()).as("bit for bit").containsExactly(dense.toDoubles());
        assertThat(rowMoments.first().toDoubles())
            .containsExactly(denseMoments.first().toDoubles());
        assertThat(rowMoments.second().toDoubles())
            .containsExactly(denseMoments.second().toDoubles());
        assertThat(rowMoments.lastStep().toInts()).containsOnly(steps);
        arena.reset();
      }
    }
  }

  @Test
  void lazyAdamWLeavesUntouchedRowsAloneAndFollowsSparseAdamOnTheOthers() {
    for (DType dtype : TYPES) {
      int width = 33;
      Tensor parameter = normal("p", dtype, ROWS, width);
      Moments moments = new Moments(zeros(dtype, ROWS, width), zeros(dtype, ROWS, width));
      double[] p = parameter.toDoubles();
      double[] m = new double[p.length];
      double[] v = new double[p.length];
      double[] rates = rates(10);
      AdamWRule rule =
          new AdamWRule(0.9, 0.999, 1e-3, 0.1); // an epsilon that shows where it is added
      for (int step = 1; step <= 10; step++) {
        int[] rows = {step % 3, 5};
        Tensor values = normal("g" + step, dtype, 2, width);
        backend.adamWRowsLazy(
            parameter, new RowSparse(arena.ints("rows", rows), values), moments, rule, rates, step);
        double[] g = values.toDoubles();
        double rate = rates[step - 1];
        for (int i = 0; i < 2 * width; i++) {
          int at = rows[i / width] * width + i % width;
          m[at] = 0.9 * m[at] + 0.1 * g[i];
          v[at] = 0.999 * v[at] + 0.001 * g[i] * g[i];
          double size = rate * Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(0.9, step));
          p[at] = p[at] * (1 - rate * 0.1) - size * m[at] / (Math.sqrt(v[at]) + 1e-3);
        }
      }
      Values.assertClose(parameter, p, Values.tolerance(dtype, 2e-6));
      double[] start = normal("p", dtype, ROWS, width).toDoubles();
      assertThat(Arrays.copyOfRange(parameter.toDoubles(), 3 * width, 5 * width))
          .containsExactly(Arrays.copyOfRange(start, 3 * width, 5 * width));
    }
  }

  @Test
  void sgdMovesAgainstTheGradient() {
    for (DType dtype : TYPES) {
      Tensor parameter = normal("p", dtype, ROWS, 33);
      Tensor gradient = normal("g", dtype, ROWS, 33);
      double[] p = parameter.toDoubles();
      double[] g = gradient.toDoubles();
      backend.sgd(parameter, gradient, 0.5);
      for (int i = 0; i < p.length; i++) {
        p[i] -= 0.5 * g[i];
      }
      Values.assertClose(parameter, p, Values.tolerance(dtype, 1e-6));
      RowSparse rows = new RowSparse(arena.ints("rows", new int[] {2}), gradient.rows(0, 1));
      backend.sgdRows(parameter, rows, 1);
      for (int i = 0; i < 33; i++) {
        p[66 + i] -= g[i];
      }
      Values.assertClose(parameter, p, Values.tolerance(dtype, 1e-6));
    }
  }

  @Test
  void aStepTakenTwiceOrWithoutItsRateIsRefused() {
    Tensor parameter = normal("p", DType.F32, ROWS, 3);
    Moments moments =
        new Moments(zeros(DType.F32, ROWS, 3), zeros(DType.F32, ROWS, 3), zeros(DType.I32, ROWS));
    RowSparse gradient =
        new RowSparse(arena.ints("rows", new int[] {2}), normal("g", DType.F32, 1, 3));
    backend.adamWRowsExact(parameter, gradient, moments, RULE, rates(5), 4);
    assertThatThrownBy(
            () -> backend.adamWRowsExact(parameter, gradient, moments, RULE, rates(5), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("adamWRowsExact: row 2 was already updated at step 4, now comes step 4");
    assertThatThrownBy(
            () -> backend.adamWRowsExact(parameter, gradient, moments, RULE, rates(5), 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("adamWRowsExact: 5 rates do not reach step 6");
    assertThatThrownBy(() -> new AdamWRule(1.8, 0.999, 1e-8, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("AdamWRule.beta1 must be in [0, 1), got 1.8");
  }

  private Tensor zeros(DType dtype, int... dims) {
    return arena.zeros("zeros", dtype, dims);
  }

  /** Warm-up, then a slow fall. */
  private static double[] rates(int steps) {
    double[] rates = new double[steps];
    Arrays.setAll(rates, s -> 1e-2 * Math.min((s + 1) / 5.0, 1) / (1 + s / 100.0));
    return rates;
  }

  /** Row 0 at every step, row 1 at every third, row 2 once, row 3 at step 50 only, row 6 never. */
  private static int[] touched(int step) {
    if (step == 1) {
      return new int[] {0, 2, 4};
    }
    if (step == 50) {
      return new int[] {0, 3};
    }
    return step % 3 == 0 ? new int[] {0, 1, 5} : new int[] {0};
  }

  private static void plainAdamW(
      double[] p, double[] g, double[] m, double[] v, double rate, int step) {
    for (int i = 0; i < p.length; i++) {
      p[i] *= 1 - rate * RULE.weightDecay();
      m[i] = RULE.beta1() * m[i] + (1 - RULE.beta1()) * g[i];
      v[i] = RULE.beta2() * v[i] + (1 - RULE.beta2()) * g[i] * g[i];
      double mHat = m[i] / (1 - Math.pow(RULE.beta1(), step));
      double vHat = v[i] / (1 - Math.pow(RULE.beta2(), step));
      p[i] -= rate * mHat / (Math.sqrt(vHat) + RULE.epsilon());
    }
  }
}
