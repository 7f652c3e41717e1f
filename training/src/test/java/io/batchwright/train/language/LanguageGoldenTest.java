package io.batchwright.train.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.GptConfig;
import io.batchwright.train.model.GptDecoder;
import io.batchwright.train.model.TextBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against PyTorch: {@code language_golden.json} was made by the script beside it. */
class LanguageGoldenTest {
  private static final int[] TOKENS = {3, 17, 4, 49, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  private static final int[] OFFSETS = {0, 5, 6, 18};
  private static final ForwardPass TRAINING =
      new ForwardPass(true, 5, 2, "query", new int[] {4, 0, 2});
  private static final ForwardPass EVALUATION =
      new ForwardPass(false, 5, 2, "query", new int[] {4, 0, 2});

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @ParameterizedTest
  @EnumSource(Activations.class)
  void gptEqualsPyTorchs(Activations activations) throws IOException {
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      gpt("gpt", EVALUATION, dtype, activations);
      gpt("gpt with dropout", TRAINING, dtype, activations);
    }
  }

  private void gpt(String name, ForwardPass pass, DType dtype, Activations activations)
      throws IOException {
    GptDecoder decoder =
        new GptDecoder(
            new GptConfig(50, 16, 2, 4, 32, 12, 0.3, 0.2, 1e-5, 0.02),
            new ParameterSpace(backend, arena, dtype),
            1,
            activations);
    fill(decoder.parameters());
    Graph g = new Graph(backend, arena);
    TokenTask task = CausalLanguageModel.PAPER.task(arena, batch(), Vocabulary.of(50), pass);
    Variable states = decoder.states(g, task.batch(), pass);
    Variable loss = TokenHead.of(decoder).loss(g, states, task, task.count());
    g.backward(loss);
    check(name, dtype, states, loss, decoder.parameters());
  }

  @Test
  void maskedBertEqualsPyTorchs() throws IOException {
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      ParameterSpace space = new ParameterSpace(backend, arena, dtype);
      BertEncoder encoder =
          new BertEncoder(
              new BertConfig(50, 16, 2, 4, 32, 12, 0, 2, 0.3, 0.2, 1e-12, 0.02), space, 1);
      TokenHead head = TokenHead.of(encoder, space, 1);
      List<Parameter> parameters = new ArrayList<>(encoder.parameters());
      parameters.addAll(head.parameters());
      fill(parameters);
      Graph g = new Graph(backend, arena);
      TokenTask task =
          new MaskedLanguageModel(0.4, 0.5, 0.3)
              .task(arena, batch(), new Vocabulary(50, 2, new int[] {8, 3}), EVALUATION);
      JsonNode golden = golden("masked bert");
      assertThat(task.batch().tokens().toInts()).containsExactly(ints(golden.path("tokens")));
      int[] targets = ints(golden.path("targets"));
      int[] positions = IntStream.range(0, targets.length).filter(t -> targets[t] >= 0).toArray();
      assertThat(task.positions().toInts()).containsExactly(positions);
      assertThat(task.targets().toInts())
          .containsExactly(IntStream.of(positions).map(t -> targets[t]).toArray());
      Variable states = encoder.states(g, task.batch(), EVALUATION);
      Variable loss = head.loss(g, states, task, task.count());
      g.backward(loss);
      check("masked bert", dtype, states, loss, parameters);
    }
  }

  private void check(
      String name, DType dtype, Variable states, Variable loss, List<Parameter> parameters)
      throws IOException {
    JsonNode golden = golden(name);
    double tolerance = dtype == DType.F64 ? 1e-10 : 1e-5;
    assertThat(states.value().toDoubles())
        .as("states of %s, %s", name, dtype)
        .containsExactly(flat(golden.path("states")), within(tolerance));
    assertThat(loss.item()).isCloseTo(golden.path("loss").asDouble(), within(tolerance));
    assertThat(golden.path("gradients")).hasSize(parameters.size());
    Gradients.assertEqual(parameters, golden.path("whole gradients"));
    for (int place = 0; place < parameters.size(); place++) {
      Parameter parameter = parameters.get(place);
      assertThat(golden.path("gradients").has(parameter.name())).as(parameter.name()).isTrue();
      assertThat(dot(Gradients.spreadOut(parameter), place + 7))
          .as("gradient of %s of %s, %s", parameter.name(), name, dtype)
          .isCloseTo(
              golden.path("gradients").path(parameter.name()).asDouble(), within(tolerance * 10));
      parameter.clearGradient();
    }
  }

  private TextBatch batch() {
    return new TextBatch(
        arena.ints("tokens", TOKENS, TOKENS.length),
        arena.ints("offsets", OFFSETS, OFFSETS.length));
  }

  private static void fill(List<Parameter> parameters) {
    for (int place = 0; place < parameters.size(); place++) {
      Parameter parameter = parameters.get(place);
      double[] values = new double[(int) parameter.storage().elements()];
      boolean gain = parameter.name().matches(".*(LayerNorm|ln_.)\\.weight");
      for (int i = 0; i < values.length; i++) {
        values[i] = formula(place, i) + (gain ? 1 : 0);
      }
      parameter.storage().copyFrom(values);
    }
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

  private static JsonNode golden(String name) throws IOException {
    try (var in = LanguageGoldenTest.class.getResourceAsStream("language_golden.json")) {
      return new ObjectMapper().readTree(in).path(name);
    }
  }

  private static int[] ints(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static double[] flat(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }
}
