package io.batchwright.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InfoNceTest {
  private final Backend backend = Backends.cpu();
  private final Arena run = backend.arena("run");
  private final Graph g = new Graph(backend, run);

  // Unit rows; the scores q p^T are [[1, 0, 0.6], [0.6, 0.8, 1], [0, 1, 0.8]].
  private final Parameter queries = parameter("queries", 1, 0, 0.6, 0.8, 0, 1);
  private final Parameter positives = parameter("positives", 1, 0, 0, 1, 0.6, 0.8);

  @AfterEach
  void close() {
    run.close();
    backend.close();
  }

  private Parameter parameter(String name, double... values) {
    return new Parameter(name, run.doubles(name, values, values.length / 2, 2));
  }

  private Variable loss(InfoNce loss, long[] ids, long[] hashes) {
    return loss.apply(
        g, EmbeddingPairs.singleRank(g.parameter(queries), g.parameter(positives), ids, hashes));
  }

  private static double logSumExp(double... scores) {
    double sum = 0;
    for (double score : scores) {
      sum += Math.exp(score);
    }
    return Math.log(sum);
  }

  @Test
  void equalsItsFormulaFromQueriesToPositives() {
    double expected =
        (logSumExp(2, 0, 1.2) - 2 + logSumExp(1.2, 1.6, 2) - 1.6 + logSumExp(0, 2, 1.6) - 1.6) / 3;
    Variable value =
        loss(new InfoNce(0.5, false, true, true), new long[] {1, 2, 3}, new long[] {1, 2, 3});
    assertThat(value.item()).isCloseTo(expected, within(1e-14));
  }

  @Test
  void isTheMeanOfBothDirectionsWhenSymmetric() {
    double forward =
        logSumExp(2, 0, 1.2) - 2 + logSumExp(1.2, 1.6, 2) - 1.6 + logSumExp(0, 2, 1.6) - 1.6;
    double backward =
        logSumExp(2, 1.2, 0) - 2 + logSumExp(0, 1.6, 2) - 1.6 + logSumExp(1.2, 2, 1.6) - 1.6;
    Variable value =
        loss(new InfoNce(0.5, true, true, true), new long[] {1, 2, 3}, new long[] {1, 2, 3});
    assertThat(value.item()).isCloseTo((forward + backward) / 6, within(1e-14));
  }

  @Test
  void anotherPairsTextThatAnswersAQueryIsNoNegativeOfIt() {
    KnownAnswers answers = new KnownAnswers(new int[] {0, 2, 2, 2}, new long[] {1, 2});
    double forward =
        logSumExp(2, 1.2) - 2 + logSumExp(1.2, 1.6, 2) - 1.6 + logSumExp(0, 2, 1.6) - 1.6;
    double backward =
        logSumExp(2, 1.2, 0) - 2 + logSumExp(1.6, 2) - 1.6 + logSumExp(1.2, 2, 1.6) - 1.6;
    assertThat(loss(false, answers)).isCloseTo(forward / 3, within(1e-14));
    assertThat(loss(true, answers)).isCloseTo((forward + backward) / 6, within(1e-14));
  }

  private double loss(boolean symmetric, KnownAnswers answers) {
    Variable q = g.parameter(queries);
    Variable p = g.parameter(positives);
    long[] ids = {1, 2, 3};
    return new InfoNce(0.5, symmetric, true, true)
        .apply(
            g,
            new EmbeddingPairs(
                q,
                p,
                0,
                new GatheredPairs(q, p, ids, ids, answers, Optional.empty(), Teaching.NONE)))
        .item();
  }

  @Test
  void aBatchInTilesHasTheLossAndTheGradientsOfTheWholeMatrix() {
    int pairs = 1_200; // two tiles of TiledCrossEntropy.DEFAULT in double precision
    RandomStream random = RandomStream.of(3, "tiles", 0, 0);
    Parameter q = gaussian("q", pairs, random, 0);
    Parameter p = gaussian("p", pairs, random, 1L << 32);
    long[] ids = LongStream.range(0, pairs).map(i -> i % 1_000).toArray();
    List<double[]> found = new ArrayList<>();
    for (long wholeBytes : new long[] {Long.MAX_VALUE, 0}) {
      Graph graph = new Graph(backend, run);
      EmbeddingPairs batch =
          EmbeddingPairs.singleRank(graph.parameter(q), graph.parameter(p), ids, ids);
      Candidates candidates =
          Candidates.ofQueries(batch, new FalseNegatives(batch.gathered(), true, false));
      candidates.positives(true);
      Variable loss = candidates.crossEntropy(graph, batch.queries(), 5, 0, wholeBytes);
      graph.backward(loss);
      found.add(new double[] {loss.item()});
      for (Parameter parameter : List.of(q, p)) {
        found.add(Gradients.spreadOut(parameter));
        parameter.clearGradient();
      }
    }
    for (int i = 0; i < 3; i++) {
      assertThat(found.get(3 + i)).containsExactly(found.get(i), within(1e-11));
    }
  }

  @Test
  void theScoresOfALargeBatchAreNeverHeld() {
    int pairs = 4_200; // 70 MB of scores in single precision
    try (Arena small = backend.arena("small", 40L << 20)) {
      Graph graph = new Graph(backend, small);
      Tensor rows = small.allocate("rows", DType.F32, pairs, 8);
      backend.fillGaussian(rows, RandomStream.of(4, "rows", 0, 0), 0, 0, 0.3);
      Parameter both = new Parameter("both", rows);
      long[] ids = LongStream.range(0, pairs).toArray();
      Variable vectors = graph.parameter(both);
      Variable loss =
          InfoNce.PAPER.apply(graph, EmbeddingPairs.singleRank(vectors, vectors, ids, ids));
      graph.backward(loss);
      assertThat(loss.item()).isBetween(1.0, Math.log(pairs));
      assertThat(both.gradient()).isPresent();
    }
  }

  private Parameter gaussian(String name, int pairs, RandomStream random, long first) {
    Tensor rows = run.allocate(name, DType.F64, pairs, 8);
    backend.fillGaussian(rows, random, first, 0, 0.5);
    return new Parameter(name, rows);
  }

  @Test
  void leavesPairsWithTheSamePositiveOut() {
    double expected =
        (logSumExp(2, 0, 1.2) - 2 + logSumExp(1.2, 1.6) - 1.6 + logSumExp(0, 1.6) - 1.6) / 3;
    long[] ids = {1, 7, 7};
    long[] hashes = {1, 2, 3};
    assertThat(loss(new InfoNce(0.5, false, true, false), ids, hashes).item())
        .isCloseTo(expected, within(1e-14));
    assertThat(loss(new InfoNce(0.5, false, false, true), ids, hashes).item())
        .isNotCloseTo(expected, within(1e-3));
  }

  @Test
  void leavesPairsWithTheSameHashOut() {
    double expected =
        (logSumExp(2, 0) - 2 + logSumExp(1.2, 1.6, 2) - 1.6 + logSumExp(2, 1.6) - 1.6) / 3;
    Variable value =
        loss(new InfoNce(0.5, false, true, true), new long[] {1, 2, 3}, new long[] {9, 2, 9});
    assertThat(value.item()).isCloseTo(expected, within(1e-14));
  }

  @Test
  void aRowWithoutNegativesContributesExactlyNothing() {
    long[] same = {4, 4, 4};
    Variable value = loss(new InfoNce(0.01, true, true, true), same, same);
    g.backward(value);
    assertThat(value.item()).isZero();
    assertThat(Gradients.spreadOut(queries)).containsOnly(0);
    assertThat(Gradients.spreadOut(positives)).containsOnly(0);
  }

  @Test
  void staysFiniteAtATinyTemperature() {
    Variable value =
        loss(new InfoNce(1e-3, true, true, true), new long[] {1, 2, 3}, new long[] {1, 2, 3});
    g.backward(value);
    assertThat(value.item()).isFinite();
    assertThat(Gradients.spreadOut(queries)).doesNotContain(Double.NaN);
  }

  @Test
  void refusesATemperatureThatIsNotPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InfoNce(0, false, true, true))
        .withMessage("InfoNce.temperature must be positive, got 0");
  }
}
