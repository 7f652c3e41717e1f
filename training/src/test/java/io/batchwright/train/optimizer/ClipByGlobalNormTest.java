package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RowSparse;
import io.batchwright.train.graph.Gradient;
import io.batchwright.train.graph.Parameter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClipByGlobalNormTest {
  private final Backend backend = Backends.cpu();
  private final Arena run = backend.arena("run");
  private final Parameter vector =
      new Parameter("vector", run.doubles("vector", new double[] {0, 0}, 2));
  private final Parameter table =
      new Parameter("table", run.doubles("table", new double[] {0, 0, 0}, 3, 1));

  @BeforeEach
  void gradientsOfNormFive() {
    vector.gradient(Gradient.dense(run.doubles("dense", new double[] {3, 0}, 2)));
    table.gradient(
        Gradient.sparse(
            new RowSparse(
                run.ints("rows", new int[] {2}, 1), run.doubles("v", new double[] {4}, 1, 1))));
  }

  @AfterEach
  void close() {
    run.close();
    backend.close();
  }

  @Test
  void scalesDenseAndRowSparseGradientsTogether() {
    double norm = new ClipByGlobalNorm(1).clip(backend, List.of(vector, table));
    assertThat(norm).isCloseTo(5, within(1e-14));
    assertThat(vector.gradient().orElseThrow().values().toDoubles()[0])
        .isCloseTo(0.6, within(1e-15));
    assertThat(table.gradient().orElseThrow().values().toDoubles()[0])
        .isCloseTo(0.8, within(1e-15));
    assertThat(ClipByGlobalNorm.norm(backend, List.of(vector, table))).isCloseTo(1, within(1e-14));
  }

  @Test
  void leavesSmallGradientsAsTheyAre() {
    new ClipByGlobalNorm(5.5).clip(backend, List.of(vector, table));
    assertThat(vector.gradient().orElseThrow().values().toDoubles()).containsExactly(3, 0);
  }

  @Test
  void reportsANormThatIsNotFiniteAndScalesNothing() {
    vector.gradient(Gradient.dense(run.doubles("nan", new double[] {Double.NaN, 2}, 2)));
    assertThat(new ClipByGlobalNorm(1).clip(backend, List.of(vector, table))).isNaN();
    assertThat(table.gradient().orElseThrow().values().toDoubles()).containsExactly(4);
  }
}
