package io.batchwright.train.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.ParameterSpace;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against PyTorch: the values of {@code bert_golden.json} were made by the script beside it. */
class BertEncoderTest {
  private static final BertConfig CONFIG =
      new BertConfig(50, 16, 2, 4, 32, 12, 0, 2, 0.3, 0.2, 1e-12, 0.02);
  private static final int[] TOKENS = {3, 17, 4, 49, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  private static final int[] OFFSETS = {0, 5, 6, 18};

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @Test
  void statesLossAndGradientsEqualPyTorchs() throws IOException {
    equalsPyTorch("evaluation", ForwardPass.EVALUATION);
  }

  /** The draws of the mask were made by the script on its own. */
  @Test
  void withDropoutOfOutputsAndOfAttentionTooTheyEqualPyTorchs() throws IOException {
    equalsPyTorch("dropout", pass(2, 4, 0, 2));
  }

  private void equalsPyTorch(String name, ForwardPass pass) throws IOException {
    JsonNode golden;
    try (var in = BertEncoderTest.class.getResourceAsStream("bert_golden.json")) {
      golden = new ObjectMapper().readTree(in).path(name);
    }
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      double tolerance = dtype == DType.F64 ? 1e-10 : 1e-5;
      BertEncoder encoder = encoder(dtype);
      Graph g = new Graph(backend, arena);
      for (Pooling pooling : Pooling.values()) {
        double[] found = encoder.encode(g, batch(), pooling, pass).value().toDoubles();
        double[] expected = flat(golden.path("pooled").path(pooling.name()));
        assertThat(found).as("%s %s", pooling, dtype).containsExactly(expected, within(tolerance));
      }
      Graph again = new Graph(backend, arena);
      Variable unit = encoder.encodeUnit(again, batch(), Pooling.MEAN, pass);
      Variable scores = again.matmul(unit, false, again.shift(unit, 0.1), true, 1 / 0.5);
      Variable own = again.pick(scores, arena.ints("own", new int[] {0, 1, 2}, 3));
      Variable loss = again.mean(again.sub(again.logSumExpRows(scores, null), own));
      assertThat(loss.item()).isCloseTo(golden.path("loss").asDouble(), within(tolerance));
      again.backward(loss);
      List<Parameter> parameters = encoder.parameters();
      Gradients.assertEqual(parameters, golden.path("whole gradients"));
      for (int place = 0; place < parameters.size(); place++) {
        Parameter parameter = parameters.get(place);
        double expected = golden.path("gradients").path(parameter.name()).asDouble();
        assertThat(golden.path("gradients").has(parameter.name())).isTrue();
        assertThat(dot(Gradients.spreadOut(parameter), place + 7))
            .as("gradient of %s, %s", parameter.name(), dtype)
            .isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
        parameter.clearGradient();
      }
    }
  }

  /** Layers with the norm behind the residual, both kinds of dropout, a text without tokens. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void gradientsAgreeWithFiniteDifferencesUnderEveryPooling(Pooling pooling) {
    try (GradientCheck check = new GradientCheck(43)) {
      BertConfig tiny = new BertConfig(6, 4, 2, 2, 8, 5, 0, 2, 0.2, 0.3, 1e-12, 0.5);
      BertEncoder encoder =
          new BertEncoder(tiny, new ParameterSpace(check.backend(), check.run(), DType.F64), 3);
      encoder.parameters().forEach(check::parameter);
      TextBatch texts = new TextBatch(check.ints(1, 5, 2, 2, 0, 3, 4), check.ints(0, 3, 3, 7));
      ForwardPass pass = pass(2, 4, 0, 2);
      check.agrees(g -> encoder.encode(g, texts, pooling, pass));
      check.agrees(g -> encoder.encodeUnit(g, texts, pooling, pass));
      double[] pooled =
          encoder
              .encodeUnit(new Graph(check.backend(), check.run()), texts, pooling, pass)
              .value()
              .toDoubles();
      assertThat(Arrays.copyOfRange(pooled, 4, 8)).as("no tokens").containsOnly(0);
    }
  }

  /** Rounded forward and backward at every operation of the layers, on the CPU. */
  @Test
  void inBf16StatesAndGradientsStayNearThoseOfFloat32AndAreFloat32() {
    Map<String, double[]> exact = statesAndGradients(backend);
    Map<String, double[]> rounded;
    try (Backend rounding = Backends.select("java", 0, Precision.BF16)) {
      assertThat(rounding.provider()).isEqualTo("java, bf16");
      rounded = statesAndGradients(rounding);
    }
    assertThat(rounded.keySet()).isEqualTo(exact.keySet());
    exact.forEach(
        (name, values) -> {
          double[] found = rounded.get(name);
          double difference = 0;
          double size = 0;
          for (int i = 0; i < values.length; i++) {
            difference += Math.pow(found[i] - values[i], 2);
            size += Math.pow(values[i], 2);
          }
          // The gradient of keys' biases is zero but for rounding.
          double most = name.endsWith("key.bias") ? 1e-2 : 0.08 * Math.sqrt(size);
          assertThat(Math.sqrt(difference)).as(name).isBetween(0.0, most);
          assertThat(found).as("%s is rounded", name).isNotEqualTo(values);
        });
  }

  private static Map<String, double[]> statesAndGradients(Backend backend) {
    try (Arena arena = backend.arena("own")) {
      BertEncoder encoder = encoder(backend, arena, DType.F32);
      Graph g = new Graph(backend, arena);
      TextBatch batch =
          new TextBatch(
              arena.ints("tokens", TOKENS, TOKENS.length),
              arena.ints("offsets", OFFSETS, OFFSETS.length));
      Variable states = encoder.states(g, batch, pass(2, 4, 0, 2));
      assertThat(states.value().dtype()).isEqualTo(DType.F32);
      Map<String, double[]> all = new LinkedHashMap<>();
      all.put("states", states.value().toDoubles());
      float[] weights = new float[(int) states.shape().elements()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) formula(50, i * i);
      }
      Tensor weight = arena.floats("weights", weights, TOKENS.length, 16);
      g.backward(g.sum(g.mul(states, g.constant(weight))));
      for (Parameter parameter : encoder.parameters()) {
        assertThat(parameter.gradient().get().values().dtype()).isEqualTo(DType.F32);
        all.put(parameter.name(), Gradients.spreadOut(parameter));
      }
      return all;
    }
  }

  @Test
  void dropoutIsTheSameHoweverTheBatchIsSpread() {
    BertEncoder encoder = encoder(DType.F64);
    Graph g = new Graph(backend, arena);
    double[] whole = encoder.states(g, batch(), pass(2, 4, 0, 2)).value().toDoubles();
    TextBatch second =
        new TextBatch(
            arena.ints("tokens", Arrays.copyOfRange(TOKENS, 5, 18), 13),
            arena.ints("offsets", new int[] {0, 1, 13}, 3));
    double[] part = encoder.states(g, second, pass(2, 0, 2)).value().toDoubles();
    assertThat(part).containsExactly(Arrays.copyOfRange(whole, 5 * 16, 18 * 16), within(1e-12));
    assertThat(encoder.states(g, batch(), pass(3, 4, 0, 2)).value().toDoubles())
        .isNotEqualTo(whole);
    assertThat(
            encoder
                .states(g, batch(), new ForwardPass(true, 5, 2, "positive", new int[] {4, 0, 2}))
                .value()
                .toDoubles())
        .isNotEqualTo(whole);
  }

  @Test
  void textsBeyondThePositionTableAreRefused() {
    TextBatch batch =
        new TextBatch(
            arena.ints("tokens", new int[13], 13), arena.ints("offsets", new int[] {0, 13}, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                encoder(DType.F32).states(new Graph(backend, arena), batch, ForwardPass.EVALUATION))
        .withMessage("text 0 of the batch has 13 tokens, the model has 12 positions");
  }

  private static ForwardPass pass(long step, int... places) {
    return new ForwardPass(true, 5, step, "query", places);
  }

  private TextBatch batch() {
    return new TextBatch(
        arena.ints("tokens", TOKENS, TOKENS.length),
        arena.ints("offsets", OFFSETS, OFFSETS.length));
  }

  private BertEncoder encoder(DType dtype) {
    return encoder(backend, arena, dtype);
  }

  private static BertEncoder encoder(Backend backend, Arena arena, DType dtype) {
    BertEncoder encoder = new BertEncoder(CONFIG, new ParameterSpace(backend, arena, dtype), 1);
    List<Parameter> parameters = encoder.parameters();
    for (int place = 0; place < parameters.size(); place++) {
      Parameter parameter = parameters.get(place);
      Tensor storage = parameter.storage();
      double[] values = new double[(int) storage.elements()];
      boolean gain = parameter.name().endsWith("LayerNorm.weight");
      for (int i = 0; i < values.length; i++) {
        values[i] = formula(place, i) + (gain ? 1 : 0);
      }
      storage.copyFrom(values);
    }
    return encoder;
  }

  private static double formula(int place, int i) {
    return 0.4 * Math.sin(1 + 0.7 * i + 3.1 * place);
  }

  private static double dot(double[] gradient, int place) {
    double sum = 0;
    for (int i = 0; i < gradient.length; i++) {
      sum += gradient[i] * formula(place, i);
    }
    return sum;
  }

  private static double[] flat(JsonNode rows) {
    double[] values = new double[rows.size() * rows.get(0).size()];
    int i = 0;
    for (JsonNode row : rows) {
      for (JsonNode value : row) {
        values[i++] = value.asDouble();
      }
    }
    return values;
  }
}
