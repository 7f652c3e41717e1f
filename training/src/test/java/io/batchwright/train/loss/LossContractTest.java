package io.batchwright.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossContractTest {
  private static final int DIMS = 16;
  private static final long[] IDS = {1, 2, 3, 2, 5, 6, 7, 8};
  private static final long[] HASHES = {10, 20, 30, 40, 50, 10, 70, 80};
  private static final int[][] SPLITS = {{8}, {4, 4}, {2, 2, 2, 2}, {5, 0, 1, 2}};

  static Stream<Loss> members() {
    return Stream.concat(
        Techniques.of(Loss.class).stream()
            .map(member -> (Loss) Techniques.defaults(member).orElseThrow()),
        Stream.of(new InfoNce(0.1, true, true, true), new InfoNce(0.1, true, false, false)));
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaperAndSurvivesJavaSerialization(Loss loss) throws Exception {
    assertThat(loss.getClass().getAnnotation(Paper.class)).isNotNull();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(loss);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(loss);
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void gradientsAgreeWithFiniteDifferences(Loss loss) {
    try (GradientCheck check = new GradientCheck(3)) {
      Parameter queries = check.parameter("queries", 8, DIMS);
      Parameter positives = check.parameter("positives", 8, DIMS);
      check.agrees(g -> loss.apply(g, pairs(g, queries, positives)));
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void splittingTheBatchOverRanksChangesNothingInFloat64(Loss loss) {
    splitsAgree(loss, DType.F64, 1e-10);
  }

  @ParameterizedTest
  @MethodSource("members")
  void splittingTheBatchOverRanksChangesNothingInFloat32(Loss loss) {
    splitsAgree(loss, DType.F32, 1e-5);
  }

  @ParameterizedTest
  @MethodSource("members")
  void theOrderOfPairsDoesNotMatter(Loss loss) {
    int[] order = {3, 0, 7, 5, 1, 2, 6, 4};
    try (GradientCheck check = new GradientCheck(4)) {
      Parameter queries = check.parameter("queries", 8, DIMS);
      Parameter positives = check.parameter("positives", 8, DIMS);
      Graph g = new Graph(check.backend(), check.run());
      EmbeddingPairs pairs = pairs(g, queries, positives);
      Tensor rows = check.ints(order);
      EmbeddingPairs permuted =
          EmbeddingPairs.singleRank(
              g.gatherRows(pairs.queries(), rows),
              g.gatherRows(pairs.positives(), rows),
              permute(IDS, order),
              permute(HASHES, order));
      assertThat(loss.apply(g, permuted).item())
          .isCloseTo(loss.apply(g, pairs).item(), within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("members")
  void anEmptyBatchHasLossZero(Loss loss) {
    try (GradientCheck check = new GradientCheck(4)) {
      Parameter queries = check.parameter("queries", 0, DIMS);
      Parameter positives = check.parameter("positives", 0, DIMS);
      Graph g = new Graph(check.backend(), check.run());
      Variable value =
          loss.apply(
              g,
              EmbeddingPairs.singleRank(
                  g.parameter(queries), g.parameter(positives), new long[0], new long[0]));
      assertThat(value.item()).isZero();
      g.backward(value);
    }
  }

  private static void splitsAgree(Loss loss, DType dtype, double tolerance) {
    try (Backend backend = Backends.cpu();
        Arena run = backend.arena("run")) {
      Parameter queries = unitRows(run, "queries", dtype);
      Parameter positives = unitRows(run, "positives", dtype);
      Graph whole = new Graph(backend, run);
      Variable expected = loss.apply(whole, pairs(whole, queries, positives));
      whole.backward(expected);
      double[] expectedOfQueries = Gradients.spreadOut(queries);
      double[] expectedOfPositives = Gradients.spreadOut(positives);
      for (int[] split : SPLITS) {
        queries.clearGradient();
        positives.clearGradient();
        Graph g = new Graph(backend, run);
        Variable sum = SplitRanks.loss(g, loss, pairs(g, queries, positives), split);
        g.backward(sum);
        assertThat(sum.item()).isCloseTo(expected.item(), within(tolerance));
        assertThat(Gradients.spreadOut(queries))
            .containsExactly(expectedOfQueries, within(tolerance));
        assertThat(Gradients.spreadOut(positives))
            .containsExactly(expectedOfPositives, within(tolerance));
      }
    }
  }

  private static EmbeddingPairs pairs(Graph g, Parameter queries, Parameter positives) {
    return EmbeddingPairs.singleRank(
        g.l2Normalize(g.parameter(queries)), g.l2Normalize(g.parameter(positives)), IDS, HASHES);
  }

  private static Parameter unitRows(Arena run, String name, DType dtype) {
    Tensor tensor = run.allocate(name, dtype, Shape.of(8, DIMS));
    RandomStream random = RandomStream.of(11, name, 0, 0);
    double[] values = new double[8 * DIMS];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussianAt(i);
    }
    tensor.copyFrom(values);
    return new Parameter(name, tensor);
  }

  private static long[] permute(long[] values, int[] order) {
    long[] permuted = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      permuted[i] = values[order[i]];
    }
    return permuted;
  }
}
