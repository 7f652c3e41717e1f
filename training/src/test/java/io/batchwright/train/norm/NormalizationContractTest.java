package io.batchwright.train.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NormalizationContractTest {
  static Stream<Normalization> members() {
    return Techniques.of(Normalization.class).stream()
        .map(member -> (Normalization) Techniques.defaults(member).orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaperAndGradientsAgreeWithFiniteDifferences(Normalization recipe) {
    assertThat(recipe.getClass().getAnnotation(Paper.class)).isNotNull();
    try (GradientCheck check = new GradientCheck(9)) {
      Parameter x = check.parameter("x", 3, 5);
      NormalizationLayer layer = recipe.build("norm", 5, DType.F64, check.run());
      layer.parameters().forEach(check::parameter);
      assertThat(layer.parameters()).noneMatch(Parameter::weightDecay);
      check.agrees(g -> layer.apply(g, g.parameter(x)));
    }
  }

  @Test
  void theFusedLayerNormEqualsItsComposition() {
    try (GradientCheck check = new GradientCheck(9)) {
      Parameter x = check.parameter("x", 6, 5);
      Parameter gain = check.parameter("gain", 5);
      Parameter bias = check.parameter("bias", 5);
      List<double[]> fused =
          check.analytic(
              g -> g.layerNorm(g.parameter(x), g.parameter(gain), g.parameter(bias), 1e-5));
      List<double[]> composed =
          check.analytic(
              g ->
                  LayerNorm.composed(
                      g, g.parameter(x), g.parameter(gain), g.parameter(bias), 1e-5));
      for (int i = 0; i < 3; i++) {
        assertThat(fused.get(i)).containsExactly(composed.get(i), within(1e-12));
      }
    }
  }

  @Test
  void layerNormEqualsPyTorchOnOneRow() {
    try (GradientCheck check = new GradientCheck(9)) {
      NormalizationLayer layer = LayerNorm.PAPER.build("norm", 4, DType.F64, check.run());
      Graph g = new Graph(check.backend(), check.run());
      double[] row =
          layer
              .apply(g, g.constant(check.run().doubles("x", new double[] {1, 2, 3, 4}, 1, 4)))
              .value()
              .toDoubles();
      double[] golden = {-1.34163542, -0.4472118067, 0.4472118067, 1.34163542};
      assertThat(row).containsExactly(golden, within(1e-8));
    }
  }
}
