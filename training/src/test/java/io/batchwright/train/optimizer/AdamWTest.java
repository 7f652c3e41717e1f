package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Gradient;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamWTest {
  private static final AdamW RECIPE = new AdamW(0.9, 0.99, 1e-8, 0.1);

  /** Ten dense steps of the formula in plain doubles. */
  @Test
  void equalsItsFormulaOverTenSteps() {
    try (OptimizerRun run = new OptimizerRun(DType.F64, RECIPE)) {
      double[] p = run.table.value().toDoubles();
      double[] m = new double[p.length];
      double[] v = new double[p.length];
      for (int t = 1; t <= 10; t++) {
        long step = 4L * t; // the steps that touch rows 1 and 5
        double rate = OptimizerRun.rate(step);
        for (int i = 0; i < p.length; i++) {
          int row = i / OptimizerRun.DIMS;
          boolean touched = List.of(1, 5).contains(row) && OptimizerRun.touched(step).length == 2;
          double g = touched ? OptimizerRun.draw(step, i) : 0;
          m[i] = 0.9 * m[i] + 0.1 * g;
          v[i] = 0.99 * v[i] + 0.01 * g * g;
          double mean = m[i] / (1 - Math.pow(0.9, t));
          double square = v[i] / (1 - Math.pow(0.99, t));
          p[i] -= rate * (mean / (Math.sqrt(square) + 1e-8) + 0.1 * p[i]);
        }
        run.denseStep(step);
      }
      assertThat(run.table.value().toDoubles()).containsExactly(p, within(1e-12));
    }
  }

  @Test
  void equalsItsChainOfTransforms() {
    try (OptimizerRun fused = new OptimizerRun(DType.F64, RECIPE);
        OptimizerRun chain =
            new OptimizerRun(
                DType.F64,
                (parameters, backend, arena) ->
                    new TransformChain(RECIPE.chain(), parameters, backend, arena))) {
      for (long step = 0; step < 30; step++) {
        fused.sparseStep(step);
        chain.sparseStep(step);
      }
      List<Double> expected = chain.values();
      List<Double> found = fused.values();
      for (int i = 0; i < expected.size(); i++) {
        assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-12));
      }
    }
  }

  @Test
  void rowSparseGradientsGiveTheBitsOfDenseOnes() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      try (OptimizerRun sparse = new OptimizerRun(dtype, RECIPE);
          OptimizerRun dense = new OptimizerRun(dtype, RECIPE)) {
        for (long step = 0; step < 60; step++) {
          sparse.sparseStep(step);
          dense.denseStep(step);
        }
        assertThat(sparse.values()).isEqualTo(dense.values());
      }
    }
  }

  @Test
  void denseAndRowSparseStepsMayAlternate() {
    try (OptimizerRun mixed = new OptimizerRun(DType.F32, RECIPE);
        OptimizerRun dense = new OptimizerRun(DType.F32, RECIPE)) {
      for (long step = 0; step < 60; step++) {
        if (step % 7 < 4) {
          mixed.sparseStep(step);
        } else {
          mixed.denseStep(step);
        }
        dense.denseStep(step);
      }
      assertThat(mixed.values()).isEqualTo(dense.values());
    }
  }

  @Test
  void aStepWithoutAnyGradientIsAStepWithZeros() {
    try (OptimizerRun without = new OptimizerRun(DType.F64, RECIPE);
        OptimizerRun zeros = new OptimizerRun(DType.F64, RECIPE)) {
      without.sparseStep(0);
      zeros.sparseStep(0);
      without.optimizer.step(0.1);
      zeros.table.gradient(
          Gradient.dense(zeros.arena.zeros("zeros", DType.F64, zeros.table.storage().shape())));
      zeros.optimizer.step(0.1);
      without.sparseStep(2);
      zeros.sparseStep(2);
      assertThat(without.values()).isEqualTo(zeros.values());
    }
  }

  @Test
  void lazyAdamWLeavesUntouchedRowsAlone() {
    try (OptimizerRun lazy = new OptimizerRun(DType.F32, new LazyAdamW(0.9, 0.99, 1e-8, 0.1))) {
      float[] before = lazy.table.value().toFloats();
      lazy.sparseStep(4); // rows 1 and 5
      lazy.sparseStep(5); // row 2
      float[] after = lazy.table.value().toFloats();
      for (int row : new int[] {0, 3, 4, 6}) {
        for (int d = 0; d < OptimizerRun.DIMS; d++) {
          int i = row * OptimizerRun.DIMS + d;
          assertThat(after[i]).isEqualTo(before[i]);
        }
      }
      assertThat(after[1 * OptimizerRun.DIMS]).isNotEqualTo(before[1 * OptimizerRun.DIMS]);
    }
  }

  @Test
  void namesTheFieldThatIsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AdamW(1.8, 0.999, 1e-8, 0))
        .withMessage("AdamW.beta1 must be in [0, 1), got 1.8");
  }
}
