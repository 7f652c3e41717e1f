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
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossContractTest {
  private static final int DIMS = 16;
  private static final int MINED = 9;
  private static final int GUIDE = 12;
  private static final long[] IDS = {1, 2, 3, 2, 5, 6, 7, 8};
  private static final long[] HASHES = {10, 20, 30, 40, 50, 10, 70, 80};
  private static final LossBatch BATCH = batch();
  private static final int[][] SPLITS = {{8}, {4, 4}, {2, 2, 2, 2}, {5, 0, 1, 2}};

  static Stream<Loss> members() {
    return Stream.concat(
        Techniques.of(Loss.class).stream()
            .map(member -> (Loss) Techniques.defaults(member).orElseThrow()),
        Stream.of(
            new InfoNce(0.1, true, true, true),
            new InfoNce(0.1, true, false, false),
            new InfoNce(0.1, true, true, true, true, true),
            new GistEmbed(0.1, GistEmbed.MarginKind.RELATIVE, 0.1, true, true, false, false),
            new NgameTriplet(0.5, 3, 0.1, false, false)));
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
      Parameter negatives = check.parameter("negatives", MINED, DIMS);
      check.agrees(g -> loss.apply(g, pairs(g, queries, positives, negatives)));
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
      Parameter negatives = check.parameter("negatives", MINED, DIMS);
      Graph g = new Graph(check.backend(), check.run());
      EmbeddingPairs pairs = pairs(g, queries, positives, negatives);
      Tensor rows = check.ints(order);
      EmbeddingPairs permuted =
          BATCH
              .permuted(order)
              .pairs(
                  g,
                  g.gatherRows(pairs.queries(), rows),
                  g.gatherRows(pairs.positives(), rows),
                  g.gatherRows(
                      pairs.gathered().negatives().orElseThrow().vectors(),
                      check.ints(BATCH.negativesOf(order))));
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
      Parameter queries = rows(run, "queries", dtype, 8);
      Parameter positives = rows(run, "positives", dtype, 8);
      Parameter negatives = rows(run, "negatives", dtype, MINED);
      Graph whole = new Graph(backend, run);
      Variable expected = loss.apply(whole, pairs(whole, queries, positives, negatives));
      whole.backward(expected);
      double[] expectedOfQueries = Gradients.spreadOut(queries);
      double[] expectedOfPositives = Gradients.spreadOut(positives);
      double[] expectedOfNegatives = Gradients.spreadOut(negatives);
      for (int[] split : SPLITS) {
        queries.clearGradient();
        positives.clearGradient();
        negatives.clearGradient();
        Graph g = new Graph(backend, run);
        Variable sum = SplitRanks.loss(g, loss, pairs(g, queries, positives, negatives), split);
        g.backward(sum);
        assertThat(sum.item()).isCloseTo(expected.item(), within(tolerance));
        assertThat(Gradients.spreadOut(queries))
            .containsExactly(expectedOfQueries, within(tolerance));
        assertThat(Gradients.spreadOut(positives))
            .containsExactly(expectedOfPositives, within(tolerance));
        assertThat(Gradients.spreadOut(negatives))
            .containsExactly(expectedOfNegatives, within(tolerance));
      }
    }
  }

  private static EmbeddingPairs pairs(
      Graph g, Parameter queries, Parameter positives, Parameter negatives) {
    return BATCH.pairs(
        g,
        g.l2Normalize(g.parameter(queries)),
        g.l2Normalize(g.parameter(positives)),
        g.l2Normalize(g.parameter(negatives)));
  }

  private static LossBatch batch() {
    RandomStream random = RandomStream.of(12, "guide and teacher", 0, 0);
    return new LossBatch(
        IDS,
        HASHES,
        new long[] {21, 2, 3, 24, 25, 26, 1, 28, 29},
        new int[] {0, 0, 1, 3, 3, 3, 4, 7, 7},
        gaussian(random, 0, 8),
        gaussian(random, 1000, 8),
        gaussian(random, 2000, MINED),
        column(random, 3000, 8),
        column(random, 4000, MINED));
  }

  private static double[][] gaussian(RandomStream random, int from, int rows) {
    double[][] values = new double[rows][GUIDE];
    for (int i = 0; i < rows; i++) {
      for (int d = 0; d < GUIDE; d++) {
        values[i][d] = random.gaussianAt(from + i * GUIDE + d);
      }
    }
    return values;
  }

  private static double[] column(RandomStream random, int from, int rows) {
    double[] values = new double[rows];
    Arrays.setAll(values, i -> random.gaussianAt(from + i));
    return values;
  }

  private static Parameter rows(Arena run, String name, DType dtype, int rows) {
    Tensor tensor = run.allocate(name, dtype, Shape.of(rows, DIMS));
    RandomStream random = RandomStream.of(11, name, 0, 0);
    double[] values = new double[rows * DIMS];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.gaussianAt(i);
    }
    tensor.copyFrom(values);
    return new Parameter(name, tensor);
  }
}
