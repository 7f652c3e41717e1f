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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
  void theNormIsOfDenseAndRowSparseGradientsTogether() {
    double norm = ClipByGlobalNorm.norm(backend, List.of(vector, table));
    assertThat(norm).isCloseTo(5, within(1e-14));
    assertThat(new ClipByGlobalNorm(1).factor(norm)).isCloseTo(0.2, within(1e-15));
    assertThat(new ClipByGlobalNorm(5.5).factor(norm)).isEqualTo(1);
  }

  @Test
  void reportsANormThatIsNotFiniteAndScalesNothing() {
    vector.gradient(Gradient.dense(run.doubles("nan", new double[] {Double.NaN, 2}, 2)));
    double norm = ClipByGlobalNorm.norm(backend, List.of(vector, table));
    assertThat(norm).isNaN();
    assertThat(new ClipByGlobalNorm(1).factor(norm)).isEqualTo(1);
  }

  /** A dense gradient, a row-sparse one and, of LazyAdamW, one of touched rows alone. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void anOptimizerTakesGradientsTimesTheFactor(Optimizer optimizer) {
    List<double[]> scaledBefore = after(optimizer, 0.2, 1);
    List<double[]> scaledInside = after(optimizer, 1, 0.2);
    assertThat(scaledInside).hasSameSizeAs(scaledBefore);
    for (int i = 0; i < scaledBefore.size(); i++) {
      assertThat(scaledInside.get(i)).containsExactly(scaledBefore.get(i));
    }
    assertThat(scaledInside.get(0)).isNotEqualTo(after(optimizer, 1, 1).get(0));
  }

  static List<Optimizer> optimizers() {
    return List.of(new AdamW(0.9, 0.99, 0.1, 0.01), new LazyAdamW(0.9, 0.99, 0.1, 0.01), Sgd.PAPER);
  }

  /** Both parameters after two steps. */
  private List<double[]> after(Optimizer optimizer, double before, double inside) {
    try (Arena own = backend.arena("own")) {
      Parameter dense = new Parameter("d", own.doubles("d", new double[] {1, 2}, 2));
      Parameter rows = new Parameter("r", own.doubles("r", new double[] {1, 2, 3}, 3, 1));
      OptimizerInstance instance = optimizer.build(List.of(dense, rows), backend, own);
      for (int step = 1; step <= 2; step++) {
        dense.gradient(
            Gradient.dense(own.doubles("g", new double[] {3 * before, -step * before}, 2)));
        rows.gradient(
            Gradient.sparse(
                new RowSparse(
                    own.ints("rows", new int[] {2}, 1),
                    own.doubles("v", new double[] {4 * before}, 1, 1))));
        instance.step(0.1, inside);
      }
      return List.of(dense.value().toDoubles(), rows.value().toDoubles());
    }
  }
}
