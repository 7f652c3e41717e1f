package io.batchwright.train.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Parameter;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class LinearTest {
  private static final RandomStream RANDOM = RandomStream.of(1, "linear", 0, 0);

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (GradientCheck check = new GradientCheck(2)) {
      Linear layer = Linear.uniform("linear", Shape.of(3, 4), DType.F64, check.run(), RANDOM);
      layer.parameters().forEach(check::parameter);
      Parameter x = check.parameter("x", 5, 4);
      check.agrees(g -> layer.apply(g, g.parameter(x)));
    }
  }

  @Test
  void startsWithinItsBoundWithDecayOnTheWeightOnly() {
    try (GradientCheck check = new GradientCheck(2)) {
      Linear layer = Linear.uniform("linear", Shape.of(3, 4), DType.F64, check.run(), RANDOM);
      double[] weights = layer.weight().value().toDoubles();
      double[] biases = layer.bias().value().toDoubles();
      assertThat(DoubleStream.concat(Arrays.stream(weights), Arrays.stream(biases)).boxed())
          .doesNotHaveDuplicates()
          .allSatisfy(value -> assertThat(value).isBetween(-0.5, 0.5));
      assertThat(layer.weight().weightDecay()).isTrue();
      assertThat(layer.bias().weightDecay()).isFalse();
    }
  }
}
