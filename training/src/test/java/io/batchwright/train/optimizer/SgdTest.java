package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SgdTest {
  @ParameterizedTest
  @CsvSource({"0, false, 0", "0.9, false, 0.1", "0.9, true, 0.1"})
  void equalsItsFormulaForRowSparseGradients(
      double momentum, boolean nesterov, double weightDecay) {
    try (OptimizerRun run = new OptimizerRun(DType.F64, new Sgd(momentum, nesterov, weightDecay))) {
      double[] table = run.table.value().toDoubles();
      double[] velocity = new double[table.length];
      for (long step = 0; step < 10; step++) {
        boolean[] touched = new boolean[OptimizerRun.ROWS];
        for (int row : OptimizerRun.touched(step)) {
          touched[row] = true;
        }
        for (int i = 0; i < table.length; i++) {
          double g = touched[i / OptimizerRun.DIMS] ? OptimizerRun.draw(step, i) : 0;
          double d = g + weightDecay * table[i];
          velocity[i] = momentum * velocity[i] + d;
          double update = nesterov ? d + momentum * velocity[i] : velocity[i];
          table[i] -= OptimizerRun.rate(step) * update;
        }
        run.sparseStep(step);
      }
      assertThat(run.table.value().toDoubles()).containsExactly(table, within(1e-12));
    }
  }

  @Test
  void keepsNoStateWithoutMomentum() {
    try (OptimizerRun run = new OptimizerRun(DType.F32, new Sgd(0, false, 0))) {
      assertThat(run.optimizer.state()).isEmpty();
    }
  }

  @Test
  void refusesLookingAheadWithoutMomentum() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sgd(0, true, 0))
        .withMessage("Sgd.nesterov has no effect without momentum: set momentum above 0");
  }
}
