package io.batchwright.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.train.graph.GradientCheck;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import org.junit.jupiter.api.Test;

class MatryoshkaTest {
  private static final long[] IDS = {1, 2, 3, 4};

  private static EmbeddingPairs prefix(Graph g, Parameter queries, Parameter positives, int dims) {
    return EmbeddingPairs.singleRank(
        g.l2Normalize(g.sliceColumns(g.parameter(queries), 0, dims)),
        g.l2Normalize(g.sliceColumns(g.parameter(positives), 0, dims)),
        IDS,
        IDS);
  }

  @Test
  void isTheMeanOfTheLossOverHalvedPrefixes() {
    try (GradientCheck check = new GradientCheck(8)) {
      Parameter queries = check.parameter("queries", 4, 12);
      Parameter positives = check.parameter("positives", 4, 12);
      Graph g = new Graph(check.backend(), check.run());
      InfoNce loss = InfoNce.PAPER;
      double expected = 0;
      for (int dims : new int[] {12, 6, 3}) {
        expected += loss.apply(g, prefix(g, queries, positives, dims)).item() / 3;
      }
      EmbeddingPairs whole = prefix(g, queries, positives, 12);
      assertThat(new Matryoshka(loss, 2).apply(g, whole).item()).isCloseTo(expected, within(1e-13));
    }
  }

  @Test
  void isTheLossItselfWhereNoPrefixIsLongEnough() {
    try (GradientCheck check = new GradientCheck(8)) {
      Parameter queries = check.parameter("queries", 4, 12);
      Parameter positives = check.parameter("positives", 4, 12);
      Graph g = new Graph(check.backend(), check.run());
      EmbeddingPairs whole = prefix(g, queries, positives, 12);
      assertThat(new Matryoshka(InfoNce.PAPER, 7).apply(g, whole).item())
          .isEqualTo(InfoNce.PAPER.apply(g, whole).item());
    }
  }

  @Test
  void refusesToDoWithoutALoss() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Matryoshka(null, 8))
        .withMessage("Matryoshka.loss must be given");
  }
}
