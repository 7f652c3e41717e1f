package io.batchwright.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.GistEmbed.MarginKind;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against PyTorch: the values of {@code loss_golden.json} were made by the script beside it. */
class LossGoldenTest {
  private static final int PAIRS = 6;
  private static final int MINED = 7;
  private static final int DIMS = 5;
  private static final int GUIDE = 4;

  private static final Map<String, Loss> LOSSES =
      Map.ofEntries(
          Map.entry("InfoNce", new InfoNce(0.1, false, true, true)),
          Map.entry("InfoNce, symmetric", new InfoNce(0.1, true, true, true)),
          Map.entry(
              "InfoNce, symmetric, among queries and positives",
              new InfoNce(0.1, true, true, true, true, true)),
          Map.entry("GistEmbed", gist(MarginKind.ABSOLUTE, 0, true)),
          Map.entry("GistEmbed, absolute margin", gist(MarginKind.ABSOLUTE, 0.2, true)),
          Map.entry("GistEmbed, relative margin", gist(MarginKind.RELATIVE, 0.2, true)),
          Map.entry("GistEmbed, retrieval only", gist(MarginKind.ABSOLUTE, 0, false)),
          Map.entry("MarginMse", new MarginMse(3)),
          Map.entry("TasDualSupervision", new TasDualSupervision(3, 2, 0.75)),
          Map.entry("Dcl", new Dcl(0.1, true, true)),
          Map.entry("Dclw", new Dclw(0.1, 0.5, true, true)),
          Map.entry("NgameTriplet", new NgameTriplet(0.3, 10, 0.1, true, true)),
          Map.entry("NgameTriplet, three negatives", new NgameTriplet(0.3, 3, 0.1, true, true)));

  private static GistEmbed gist(MarginKind kind, double margin, boolean allBlocks) {
    return new GistEmbed(0.1, kind, margin, allBlocks, allBlocks, true, true);
  }

  static Stream<String> names() {
    return LOSSES.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("names")
  void equalsPyTorch(String name) throws IOException {
    JsonNode golden = golden().path(name);
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run")) {
      double[] ofQueries = formula(0, PAIRS, DIMS);
      Parameter queries = parameter(run, "queries", ofQueries);
      Parameter positives = parameter(run, "positives", sum(ofQueries, formula(1, PAIRS, DIMS)));
      Parameter negatives = parameter(run, "negatives", formula(2, MINED, DIMS));
      Graph g = new Graph(backend, run);
      Variable value =
          LOSSES
              .get(name)
              .apply(
                  g,
                  batch()
                      .pairs(
                          g,
                          g.l2Normalize(g.parameter(queries)),
                          g.l2Normalize(g.parameter(positives)),
                          g.l2Normalize(g.parameter(negatives))));
      g.backward(value);
      assertThat(value.item()).isCloseTo(golden.path("loss").asDouble(), within(1e-12));
      for (Parameter parameter : new Parameter[] {queries, positives, negatives}) {
        assertThat(Gradients.spreadOut(parameter))
            .as(parameter.name())
            .containsExactly(numbers(golden.path(parameter.name())), within(1e-11));
      }
    }
  }

  @Test
  void everyGoldenValueIsTested() throws IOException {
    assertThat(golden().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(LOSSES.keySet());
  }

  private static JsonNode golden() throws IOException {
    try (var in = LossGoldenTest.class.getResourceAsStream("loss_golden.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static LossBatch batch() {
    double[] guideQueries = formula(3, PAIRS, GUIDE);
    return new LossBatch(
        new long[] {1, 2, 3, 2, 5, 6},
        new long[] {10, 20, 30, 40, 50, 10},
        new long[] {9, 3, 1, 11, 12, 6, 13},
        new int[] {0, 0, 1, 2, 3, 5, 5},
        rows(guideQueries),
        rows(sum(guideQueries, formula(4, PAIRS, GUIDE))),
        rows(formula(5, MINED, GUIDE)),
        affine(5, 3, formula(6, PAIRS, 1)),
        affine(2, 4, formula(7, MINED, 1)));
  }

  private static double[] formula(int place, int rows, int columns) {
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(12.9898 * (i + 1) + 78.233 * place);
    }
    return values;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  private static double[] affine(double shift, double factor, double[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = shift + factor * values[i];
    }
    return values;
  }

  private static double[][] rows(double[] values) {
    double[][] rows = new double[values.length / GUIDE][GUIDE];
    for (int i = 0; i < values.length; i++) {
      rows[i / GUIDE][i % GUIDE] = values[i];
    }
    return rows;
  }

  private static Parameter parameter(Arena run, String name, double[] values) {
    return new Parameter(name, run.doubles(name, values, values.length / DIMS, DIMS));
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).asDouble();
    }
    return numbers;
  }
}
