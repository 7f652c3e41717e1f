package io.batchwright.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.tensor.Tensor;
import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Gradients;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.graph.Variable;
import io.batchwright.train.loss.GistEmbed.MarginKind;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows without negatives, guides that object to everything, and input that is not there. */
class LossEdgesTest {
  private final GradientCheck check = new GradientCheck(21);
  private final Graph g = new Graph(check.backend(), check.run());
  private final Parameter queries = check.parameter("queries", 3, 4);
  private final Parameter positives = check.parameter("positives", 3, 4);

  @AfterEach
  void close() {
    check.close();
  }

  static Stream<Loss> maskedLosses() {
    return Stream.of(
        InfoNce.PAPER,
        new InfoNce(0.05, true, true, true, true, true),
        GistEmbed.PAPER,
        Dcl.PAPER,
        Dclw.PAPER,
        NgameTriplet.PAPER);
  }

  @ParameterizedTest
  @MethodSource("maskedLosses")
  void rowsWithoutNegativesContributeExactlyNothing(Loss loss) {
    long[] same = {4, 4, 4};
    Variable value = loss.apply(g, pairs(same, same, guide(1, 1, 1)));
    g.backward(value);
    assertThat(value.item()).isZero();
    assertThat(Gradients.spreadOut(queries)).containsOnly(0);
    assertThat(Gradients.spreadOut(positives)).containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource("maskedLosses")
  void oneRowWithoutNegativesLeavesTheOthersAlone(Loss loss) {
    long[] ids = {1, 2, 3};
    Variable value = loss.apply(g, pairs(ids, new long[] {9, 9, 8}, guide(1, 1, 1)));
    g.backward(value);
    assertThat(value.item()).isFinite();
    assertThat(Gradients.spreadOut(queries)).doesNotContain(Double.NaN);
  }

  @Test
  void aGuideThatLikesEveryOtherTextMoreLeavesNothing() {
    // The guide's positives point away from their queries.
    EmbeddingPairs pairs = pairs(new long[] {1, 2, 3}, new long[] {1, 2, 3}, guide(-1, -1, -1));
    assertThat(
            new GistEmbed(0.1, MarginKind.ABSOLUTE, 0, true, true, true, true)
                .apply(g, pairs)
                .item())
        .isZero();
  }

  @Test
  void aGuideThatNeverObjectsIsInfoNceWithQueriesAmongTheNegatives() {
    EmbeddingPairs pairs = pairs(new long[] {1, 2, 3}, new long[] {1, 2, 3}, guide(1, 1, 1));
    double gist =
        new GistEmbed(0.1, MarginKind.ABSOLUTE, 0, true, false, true, true).apply(g, pairs).item();
    double infoNce = new InfoNce(0.1, false, true, false, true, true).apply(g, pairs).item();
    assertThat(gist).isCloseTo(infoNce, within(1e-12));
  }

  @Test
  void aNegativeSimilarityWidensTheRelativeMargin() {
    // t = -0.5: the limit is -0.5 - 0.5 * 0.2 = -0.6, and a candidate at -0.55 is out.
    double[] anchor = {1, 0};
    Teaching.Guide guide =
        new Teaching.Guide(
            matrix(new double[][] {anchor, {0, 1}, {0, 1}}),
            matrix(new double[][] {unit(-0.5), unit(-0.55), unit(-0.65)}),
            matrix(new double[][] {}));
    GistEmbed relative = new GistEmbed(0.1, MarginKind.RELATIVE, 0.2, false, false, true, true);
    EmbeddingPairs three = pairs(new long[] {1, 2, 3}, new long[] {1, 2, 3}, guide);
    EmbeddingPairs firstRank =
        new EmbeddingPairs(
            g.sliceRows(three.queries(), 0, 1),
            g.sliceRows(three.positives(), 0, 1),
            0,
            three.gathered());
    double[] q = three.queries().value().rows(0, 1).toDoubles();
    double[] p = three.positives().value().toDoubles();
    double own = dot(q, p, 0) / 0.1;
    double left = dot(q, p, 2) / 0.1;
    assertThat(relative.apply(g, firstRank).item())
        .isCloseTo((Math.log(Math.exp(own) + Math.exp(left)) - own) / 3, within(1e-12));
  }

  @Test
  void whatIsMissingIsNamed() {
    EmbeddingPairs bare =
        EmbeddingPairs.singleRank(
            g.parameter(queries), g.parameter(positives), new long[3], new long[3]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GistEmbed.PAPER.apply(g, bare))
        .withMessage("GistEmbed needs guide vectors (an embeddings table of the same texts)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MarginMse.PAPER.apply(g, bare))
        .withMessageStartingWith("MarginMse needs mined negatives");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TasDualSupervision.PAPER.apply(g, bare))
        .withMessageStartingWith("TasDualSupervision needs mined negatives");
  }

  @Test
  void rangesAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dclw(0.1, 0, true, true))
        .withMessage("Dclw.sigma must be positive, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NgameTriplet(0.3, 0, 0.1, true, true))
        .withMessage("NgameTriplet.negatives must be at least 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TasDualSupervision(1, 1, -0.1))
        .withMessageStartingWith("TasDualSupervision.inBatchWeight must be at least 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GistEmbed(0.01, MarginKind.ABSOLUTE, -1, true, true, true, true))
        .withMessageStartingWith("GistEmbed.margin must be at least 0");
  }

  @Test
  void aSettingWithoutEffectIsSaid() {
    assertThat(new InfoNce(0.05, false, false, true, true, true).withoutEffect())
        .containsKey("positiveNegatives");
    assertThat(new InfoNce(0.05, true, false, true, true, true).withoutEffect()).isEmpty();
  }

  private EmbeddingPairs pairs(long[] ids, long[] hashes, Teaching.Guide guide) {
    Variable q = g.l2Normalize(g.parameter(queries));
    Variable p = g.l2Normalize(g.parameter(positives));
    Teaching teaching = new Teaching(Optional.of(guide), Optional.empty());
    return new EmbeddingPairs(
        q,
        p,
        0,
        new GatheredPairs(q, p, ids, hashes, KnownAnswers.NONE, Optional.empty(), teaching));
  }

  /** Guide vectors on three axes; a factor of -1 turns a positive away from its query. */
  private Teaching.Guide guide(double a, double b, double c) {
    return new Teaching.Guide(
        matrix(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}),
        matrix(new double[][] {{a, 0, 0}, {0, b, 0}, {0, 0, c}}),
        matrix(new double[][] {}));
  }

  private Tensor matrix(double[][] rows) {
    double[] flat = Stream.of(rows).flatMapToDouble(Arrays::stream).toArray();
    return check.run().doubles("guide", flat, rows.length, rows.length == 0 ? 1 : rows[0].length);
  }

  private static double[] unit(double cosine) {
    return new double[] {cosine, Math.sqrt(1 - cosine * cosine)};
  }

  private static double dot(double[] q, double[] p, int row) {
    double sum = 0;
    for (int d = 0; d < 4; d++) {
      sum += q[d] * p[4 * row + d];
    }
    return sum;
  }
}
