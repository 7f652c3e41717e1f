package io.batchwright.train.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.kernel.AttentionDropout;
import io.batchwright.kernel.AttentionForm;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Shape;
import io.batchwright.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationsTest {
  private final GradientCheck check = new GradientCheck(17);

  @AfterEach
  void close() {
    check.close();
  }

  @ParameterizedTest
  @CsvSource({"3;4", "4", "1;4", "3;1", "1"})
  void binaryOperationsAgreeWithFiniteDifferencesUnderEveryBroadcast(String dims) {
    int[] shape = Arrays.stream(dims.split(";")).mapToInt(Integer::parseInt).toArray();
    Parameter a = check.parameter("a", 3, 4);
    Parameter b = check.parameter("b", shape);
    check.agrees(g -> g.add(g.parameter(a), g.parameter(b)));
    check.agrees(g -> g.sub(g.parameter(a), g.parameter(b)));
    check.agrees(g -> g.mul(g.parameter(a), g.parameter(b)));
    check.agrees(g -> g.div(g.parameter(a), g.shift(g.exp(g.parameter(b)), 0.5)));
  }

  @Test
  void unaryOperationsAgreeWithFiniteDifferences() {
    Parameter x = check.parameter("x", 3, 5);
    check.agrees(g -> g.scale(g.parameter(x), -1.7));
    check.agrees(g -> g.shift(g.parameter(x), 3));
    check.agrees(g -> g.exp(g.parameter(x)));
    check.agrees(g -> g.log(g.exp(g.scale(g.parameter(x), 2))));
    check.agrees(g -> g.sqrt(g.exp(g.parameter(x))));
    check.agrees(g -> g.tanh(g.parameter(x)));
    check.agrees(g -> g.relu(g.parameter(x)));
    check.agrees(g -> g.gelu(g.parameter(x)));
  }

  /** On a grid of numbers that floats hold, where a step of 2^-6 is exact. */
  @Test
  void castsToFloatsAndBackAgreeWithFiniteDifferences() {
    Parameter x = check.parameter("x", 3, 5);
    double[] values = x.storage().toDoubles();
    Arrays.setAll(values, i -> Math.rint(values[i] * 64) / 64);
    x.storage().copyFrom(values);
    check.agrees(
        g -> {
          Variable narrow = g.cast(g.parameter(x), DType.F32);
          assertThat(narrow.value().dtype()).isEqualTo(DType.F32);
          return g.cast(narrow, DType.F64);
        },
        1.0 / 64);
  }

  @Test
  void reductionsAgreeWithFiniteDifferences() {
    Parameter x = check.parameter("x", 3, 5);
    check.agrees(g -> g.sum(g.parameter(x)));
    check.agrees(g -> g.mean(g.parameter(x)));
    check.agrees(g -> g.sumRows(g.parameter(x)));
    check.agrees(g -> g.meanRows(g.parameter(x)));
    check.agrees(g -> g.l2Normalize(g.parameter(x)));
    check.agrees(g -> g.logSumExpRows(g.parameter(x), null));
    check.agrees(g -> g.softmaxRows(g.parameter(x), null));
  }

  @Test
  void maskedLogSumExpAgreesWithFiniteDifferencesAndLeavesMaskedScoresOut() {
    Parameter x = check.parameter("x", 2, 3);
    Tensor mask = check.run().ints("mask", new int[] {1, 0, 1, 0, 1, 0}, 2, 3);
    check.agrees(g -> g.logSumExpRows(g.parameter(x), mask));
    double[] values = x.storage().toDoubles();
    Graph g = new Graph(check.backend(), check.run());
    assertThat(g.logSumExpRows(g.parameter(x), mask).value().toDoubles()[1])
        .isCloseTo(values[4], within(1e-15));
  }

  /** The last row's scores are all out. */
  @Test
  void maskedSoftmaxAgreesWithFiniteDifferencesAndGivesMaskedScoresNothing() {
    Parameter x = check.parameter("x", 3, 3);
    Tensor mask = check.run().ints("mask", new int[] {1, 0, 1, 0, 1, 0, 0, 0, 0}, 3, 3);
    check.agrees(g -> g.softmaxRows(g.parameter(x), mask));
    double[] values = x.storage().toDoubles();
    double first = 1 / (1 + Math.exp(values[2] - values[0]));
    Graph g = new Graph(check.backend(), check.run());
    assertThat(g.softmaxRows(g.parameter(x), mask).value().toDoubles())
        .containsExactly(new double[] {first, 0, 1 - first, 0, 1, 0, 0, 0, 0}, within(1e-15));
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void matmulAgreesWithFiniteDifferencesUnderEveryTransposition(boolean ta, boolean tb) {
    Parameter a = ta ? check.parameter("a", 4, 3) : check.parameter("a", 3, 4);
    Parameter b = tb ? check.parameter("b", 5, 4) : check.parameter("b", 4, 5);
    check.agrees(g -> g.matmul(g.parameter(a), ta, g.parameter(b), tb, 0.7));
  }

  @Test
  void linearTransposeAndReshapeAgreeWithFiniteDifferences() {
    Parameter x = check.parameter("x", 3, 4);
    Parameter weight = check.parameter("weight", 2, 4);
    Parameter bias = check.parameter("bias", 2);
    check.agrees(g -> g.linear(g.parameter(x), g.parameter(weight), g.parameter(bias)));
    check.agrees(g -> g.linearGelu(g.parameter(x), g.parameter(weight), g.parameter(bias)));
    Parameter residual = check.parameter("residual", 3, 2);
    check.agrees(
        g ->
            g.linearAdd(
                g.parameter(x), g.parameter(weight), g.parameter(bias), g.parameter(residual)));
    check.agrees(g -> g.transpose(g.parameter(x)));
    check.agrees(g -> g.reshape(g.parameter(x), Shape.of(2, 6)));
  }

  @Test
  void sequenceOperationsAgreeWithFiniteDifferences() {
    Parameter q = check.parameter("q", 5, 4);
    Parameter k = check.parameter("k", 5, 4);
    Parameter v = check.parameter("v", 5, 4);
    Tensor offsets = check.ints(0, 3, 3, 5);
    for (boolean causal : new boolean[] {false, true}) {
      AttentionForm form = new AttentionForm(2, causal);
      check.agrees(g -> g.attention(g.parameter(q), g.parameter(k), g.parameter(v), offsets, form));
      AttentionDropout dropout =
          new AttentionDropout(
              0.4, RandomStream.of(17, "dropped weights", 0, 1), check.ints(3, 9, 0, 4, 7));
      check.agrees(
          g -> g.attention(g.parameter(q), g.parameter(k), g.parameter(v), offsets, form, dropout));
    }
    check.agrees(g -> g.segmentMean(g.parameter(q), offsets));
    check.agrees(g -> g.poolNormalize(g.parameter(q), offsets));
    RandomStream stream = RandomStream.of(4, "dropout", 0, 1);
    check.agrees(g -> g.dropout(g.parameter(q), stream, check.ints(8, 3, 9, 12, 0), 0.4));
    check.agrees(g -> g.embedding(q, check.ints(4, 0, 4)));
  }

  @Test
  void selfAttentionOnOneVariableAddsItsThreeGradients() {
    Parameter x = check.parameter("x", 4, 4);
    AttentionForm form = new AttentionForm(1, false);
    Tensor offsets = check.ints(0, 4);
    check.agrees(g -> g.attention(g.parameter(x), g.parameter(x), g.parameter(x), offsets, form));
  }

  @Test
  void layerNormAgreesWithFiniteDifferences() {
    Parameter x = check.parameter("x", 3, 5);
    Parameter gain = check.parameter("gain", 5);
    Parameter bias = check.parameter("bias", 5);
    check.agrees(g -> g.layerNorm(g.parameter(x), g.parameter(gain), g.parameter(bias), 1e-5));
  }

  /** In the pass of a norm or before it, of which the values and gradients are the same bits. */
  @Test
  void sumsOfRowsAgreeWithFiniteDifferencesHoweverTheyAreComputed() {
    Parameter x = check.parameter("x", 3, 5);
    Parameter table = check.parameter("table", 4, 5);
    Parameter row = check.parameter("row", 1, 5);
    Parameter gain = check.parameter("gain", 5);
    Parameter bias = check.parameter("bias", 5);
    Parameter frozen = new Parameter("frozen", check.gaussian("frozen", 6, 5), false, true);
    Tensor tokens = check.ints(3, 0, 3);
    Tensor places = check.ints(5, 0, 1);
    List<Function<Graph, RowSum>> sums =
        List.of(
            g -> new RowSum(g).plus(g.parameter(x)),
            g -> new RowSum(g).plusRows(table, tokens),
            g -> new RowSum(g).plus(g.parameter(x)).plus(g.parameter(x)),
            g -> new RowSum(g).plusRows(table, tokens).plusRows(frozen, places),
            g ->
                new RowSum(g)
                    .plusRows(table, tokens)
                    .plusRows(frozen, places)
                    .plus(g.parameter(row)),
            g ->
                new RowSum(g)
                    .plus(g.parameter(x))
                    .plus(g.parameter(row))
                    .plusRows(table, tokens)
                    .plus(g.parameter(x)));
    for (Function<Graph, RowSum> sum : sums) {
      Function<Graph, Variable> inThePass =
          g -> {
            RowSum of = sum.apply(g);
            Variable normal = g.layerNorm(of, g.parameter(gain), g.parameter(bias), 1e-5);
            return g.mul(normal, of.variable());
          };
      check.agrees(inThePass);
      List<double[]> before =
          check.analytic(
              g -> {
                Variable of = sum.apply(g).variable();
                return g.mul(g.layerNorm(of, g.parameter(gain), g.parameter(bias), 1e-5), of);
              });
      List<double[]> found = check.analytic(inThePass);
      for (int p = 0; p < found.size(); p++) {
        assertThat(found.get(p)).containsExactly(before.get(p));
      }
    }
    Graph g = new Graph(check.backend(), check.run());
    RowSum computed = new RowSum(g).plus(g.parameter(x));
    computed.variable();
    assertThatIllegalStateException()
        .isThrownBy(() -> computed.plus(g.parameter(x)))
        .withMessage("the sum has been computed, nothing can be added to it");
  }

  @Test
  void rowOperationsAgreeWithFiniteDifferences() {
    Parameter x = check.parameter("x", 4, 3);
    Parameter y = check.parameter("y", 2, 3);
    check.agrees(g -> g.gatherRows(g.parameter(x), check.ints(3, 0, 3, 1)));
    check.agrees(g -> g.sliceRows(g.parameter(x), 1, 3));
    check.agrees(g -> g.sliceColumns(g.parameter(x), 0, 2));
    check.agrees(g -> g.concatRows(List.of(g.parameter(x), g.parameter(y), g.parameter(x))));
    Parameter z = check.parameter("z", 4, 2);
    check.agrees(g -> g.concatColumns(List.of(g.parameter(x), g.parameter(z), g.parameter(x))));
    check.agrees(g -> g.pick(g.parameter(x), check.ints(2, 0, 0, 1)));
  }

  @Test
  void embeddingBagMeanAgreesWithFiniteDifferencesForEmptyRepeatedAndSharedTokens() {
    Parameter table = check.parameter("table", 6, 3);
    Tensor tokens = check.ints(5, 1, 1, 0, 5);
    Tensor offsets = check.ints(0, 3, 3, 5);
    check.agrees(g -> g.embeddingBagMean(table, tokens, offsets));
  }

  @Test
  void aTableUsedByTwoBagsAndAsAWholeSumsItsGradients() {
    Parameter table = check.parameter("table", 6, 3);
    check.agrees(
        g -> {
          Variable first = g.embeddingBagMean(table, check.ints(5, 1), check.ints(0, 1, 2));
          Variable second = g.embeddingBagMean(table, check.ints(1, 0), check.ints(0, 1, 2));
          return g.mul(first, second);
        });
    check.agrees(
        g -> {
          Variable bag = g.embeddingBagMean(table, check.ints(5, 1), check.ints(0, 2));
          return g.matmul(bag, false, g.parameter(table), true, 1);
        });
  }
}
