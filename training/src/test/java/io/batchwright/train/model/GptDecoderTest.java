package io.batchwright.train.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import java.util.Arrays;
import java.util.LinkedHashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GptDecoderTest {
  private static final GptConfig TINY = new GptConfig(6, 4, 2, 2, 8, 5, 0.2, 0.3, 1e-5, 0.5);

  private final GradientCheck check = new GradientCheck(41);

  @AfterEach
  void close() {
    check.close();
  }

  private GptDecoder decoder(GptConfig config, DType dtype, Activations activations) {
    return new GptDecoder(
        config, new ParameterSpace(check.backend(), check.run(), dtype), 3, activations);
  }

  @ParameterizedTest
  @EnumSource(Activations.class)
  void gradientsWithTiedOutputAgreeWithFiniteDifferences(Activations activations) {
    GptDecoder decoder = decoder(TINY, DType.F64, activations);
    decoder.parameters().forEach(check::parameter);
    TextBatch batch = new TextBatch(check.ints(1, 5, 2, 2, 0, 3, 4), check.ints(0, 3, 3, 7));
    ForwardPass pass = new ForwardPass(true, 5, 2, "text", new int[] {4, 0, 2});
    check.agrees(
        g ->
            g.matmul(decoder.states(g, batch, pass), false, g.parameter(decoder.words()), true, 1));
  }

  @Test
  void aPositionSeesNothingBehindIt() {
    GptDecoder decoder = decoder(TINY, DType.F64, Activations.KEPT);
    double[] first = states(decoder, 1, 5, 2, 2, 0);
    double[] second = states(decoder, 1, 5, 2, 3, 4);
    assertThat(Arrays.copyOf(second, 12)).containsExactly(Arrays.copyOf(first, 12), within(1e-12));
    assertThat(Arrays.copyOfRange(second, 12, 16)).isNotEqualTo(Arrays.copyOfRange(first, 12, 16));
  }

  private double[] states(GptDecoder decoder, int... tokens) {
    TextBatch batch = new TextBatch(check.ints(tokens), check.ints(0, tokens.length));
    return decoder
        .states(new Graph(check.backend(), check.run()), batch, ForwardPass.EVALUATION)
        .value()
        .toDoubles();
  }

  @Test
  void textsBeyondThePositionTableAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> states(decoder(TINY, DType.F32, Activations.KEPT), 0, 0, 0, 0, 0, 0))
        .withMessage("text 0 of the batch has 6 tokens, the model has 5 positions");
  }

  @Test
  void weightsThatWriteIntoTheSumsStartNarrower() {
    GptConfig config = new GptConfig(50, 64, 8, 4, 256, 16, 0, 0, 1e-5, 0.02);
    GptDecoder decoder = decoder(config, DType.F32, Activations.KEPT);
    assertThat(decoder.parameters().stream().map(Parameter::name))
        .hasSameSizeAs(
            new LinkedHashSet<>(decoder.parameters().stream().map(Parameter::name).toList()));
    for (Parameter parameter : decoder.parameters()) {
      double deviation = parameter.name().contains("c_proj") ? 0.02 / 4 : 0.02;
      if (parameter.storage().shape().rank() == 2) {
        assertThat(deviationOf(parameter.storage()))
            .as(parameter.name())
            .isCloseTo(deviation, within(0.1 * deviation));
        assertThat(parameter.weightDecay()).isTrue();
      } else {
        assertThat(parameter.weightDecay()).as(parameter.name()).isFalse();
      }
    }
  }

  private static double deviationOf(Tensor tensor) {
    return Math.sqrt(Arrays.stream(tensor.toDoubles()).map(v -> v * v).average().orElseThrow());
  }
}
