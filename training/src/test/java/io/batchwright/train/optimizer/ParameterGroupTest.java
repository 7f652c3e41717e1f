package io.batchwright.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.batchwright.technique.Techniques;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.ParameterGroup;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups under every optimizer; factors are powers of two, so that products are exact. */
class ParameterGroupTest {
  private static final int STEPS = 12;

  static Stream<Optimizer> members() {
    return Techniques.of(Optimizer.class).stream()
        .map(member -> (Optimizer) Techniques.defaults(member).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("members")
  void theRateFactorActsOnItsMembersAlone(Optimizer recipe) {
    double[] slower = run(recipe, 0.5, List.of());
    double[] plain = run(recipe, 1, List.of());
    double[] grouped = run(recipe, 1, List.of(new ParameterGroup("t", "tab.*", 0.5, 1, false)));
    int table = OptimizerRun.ROWS * OptimizerRun.DIMS;
    assertThat(table(grouped)).containsExactly(table(slower)).isNotEqualTo(table(plain));
    assertThat(Arrays.copyOfRange(grouped, table, grouped.length))
        .containsExactly(Arrays.copyOfRange(plain, table, plain.length));
  }

  @ParameterizedTest
  @MethodSource("members")
  void frozenMembersStayAsTheyAre(Optimizer recipe) {
    double[] start = run(recipe, 0, List.of());
    double[] grouped = run(recipe, 1, List.of(new ParameterGroup("t", "table", 1, 1, true)));
    assertThat(table(grouped)).containsExactly(table(start));
    assertThat(grouped).isNotEqualTo(start);
  }

  static Stream<Arguments> decays() {
    return Stream.of(
        Arguments.of(new AdamW(0.9, 0.99, 1e-8, 0.125), new AdamW(0.9, 0.99, 1e-8, 0.25)),
        Arguments.of(new LazyAdamW(0.9, 0.99, 1e-8, 0.125), new LazyAdamW(0.9, 0.99, 1e-8, 0.25)),
        Arguments.of(new Sgd(0.5, false, 0.125), new Sgd(0.5, false, 0.25)),
        Arguments.of(new Adagrad(0, 1e-10, 0.125), new Adagrad(0, 1e-10, 0.25)),
        Arguments.of(new Lamb(0.9, 0.99, 1e-6, 0.125, true), new Lamb(0.9, 0.99, 1e-6, 0.25, true)),
        Arguments.of(new Lion(0.9, 0.99, 0.125), new Lion(0.9, 0.99, 0.25)),
        Arguments.of(new Lars(0.5, 0.5, 0.125), new Lars(0.5, 0.5, 0.25)));
  }

  @ParameterizedTest
  @MethodSource("decays")
  void theDecayFactorMultipliesTheDecay(Optimizer recipe, Optimizer twice) {
    double[] grouped = run(recipe, 1, List.of(new ParameterGroup("t", "table", 1, 2, false)));
    assertThat(grouped).containsExactly(run(twice, 1, List.of()));
    double[] without = run(recipe, 1, List.of(new ParameterGroup("t", "table", 1, 0, false)));
    assertThat(without).isNotEqualTo(grouped);
  }

  /** Late rows of a group are replayed at the group's rates. */
  @Test
  void lateRowsAreReplayedAtTheGroupsRates() {
    List<ParameterGroup> groups = List.of(new ParameterGroup("t", "table", 0.25, 1, false));
    double[] sparse = run(AdamW.PAPER, 1, groups);
    try (OptimizerRun dense = grouped(AdamW.PAPER, groups)) {
      for (long step = 0; step < STEPS; step++) {
        dense.denseStep(step);
      }
      assertThat(sparse).containsExactly(values(dense));
    }
  }

  @Test
  void theFirstGroupThatHoldsANameWins() {
    List<ParameterGroup> groups =
        List.of(
            new ParameterGroup("first", "table", 0.5, 1, false),
            new ParameterGroup("rest", ".*", 0.25, 1, false));
    try (OptimizerRun run = grouped(AdamW.PAPER, groups)) {
      assertThat(run.table.group().name()).isEqualTo("first");
      assertThat(run.vector.group().name()).isEqualTo("rest");
      assertThat(run.table.rateFactor()).isEqualTo(0.5);
    }
  }

  @Test
  void aFrozenMemberGetsNoGradient() {
    List<ParameterGroup> groups = List.of(new ParameterGroup("v", "vector", 1, 1, true));
    try (OptimizerRun run = grouped(AdamW.PAPER, groups)) {
      Graph g = new Graph(run.backend, run.arena);
      g.backward(g.sum(g.mul(g.parameter(run.table), g.parameter(run.vector))));
      assertThat(run.vector.gradient()).isEmpty();
      assertThat(run.table.gradient()).isPresent();
    }
  }

  @Test
  void aGroupWithoutAMemberIsRefused() {
    List<ParameterGroup> groups =
        List.of(
            new ParameterGroup("all", ".*", 1, 1, false),
            new ParameterGroup("heads", "head\\..*", 1, 1, false));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> grouped(AdamW.PAPER, groups))
        .withMessage(
            "parameter group 'heads' (head\\..*) has no member; parameters are [table, vector]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ParameterGroup("a", "(", 1, 1, false))
        .withMessageContaining("ParameterGroup.pattern must be a regular expression, got '('");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ParameterGroup("a", ".*", -1, 1, false))
        .withMessageContaining("ParameterGroup.rateFactor must be");
  }

  private static double[] run(Optimizer recipe, double rateFactor, List<ParameterGroup> groups) {
    try (OptimizerRun run = grouped(recipe, groups)) {
      run.rateFactor = rateFactor;
      for (long step = 0; step < STEPS; step++) {
        run.sparseStep(step);
      }
      return values(run);
    }
  }

  private static OptimizerRun grouped(Optimizer recipe, List<ParameterGroup> groups) {
    return new OptimizerRun(
        DType.F64,
        (parameters, backend, arena) -> {
          ParameterGroup.assign(groups, parameters);
          return recipe.build(parameters, backend, arena);
        });
  }

  private static double[] values(OptimizerRun run) {
    return run.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] table(double[] values) {
    return Arrays.copyOf(values, OptimizerRun.ROWS * OptimizerRun.DIMS);
  }
}
