package io.batchwright.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReciprocalRankFusionTest {
  private final Ids queries = Ids.of(List.of("q"));
  private final Ids documents = Ids.of(List.of("a", "b", "c", "d"));

  @Test
  void scoresAreTheSumOfReciprocalRanksPlusSixty() {
    Rankings fused = ReciprocalRankFusion.PAPER.fuse(List.of(ranking(0, 1, 2), ranking(1, 3)));

    assertThat(fused.length(0)).isEqualTo(4);
    assertThat(fused.document(0, 0)).isEqualTo(1);
    assertThat(fused.score(0, 0)).isEqualTo((float) (1.0 / 62 + 1.0 / 61));
    assertThat(fused.document(0, 1)).isZero();
    assertThat(fused.score(0, 1)).isEqualTo((float) (1.0 / 61));
    assertThat(fused.document(0, 2)).isEqualTo(3);
    assertThat(fused.document(0, 3)).isEqualTo(2);
  }

  @Test
  void equalScoresStandByOrdinalAndTheDepthCuts() {
    Rankings fused = new ReciprocalRankFusion(60, 1).fuse(List.of(ranking(3, 1), ranking(1, 3)));

    assertThat(fused.length(0)).isEqualTo(1);
    assertThat(fused.document(0, 0)).isEqualTo(1);
  }

  @Test
  void rankingsOfOtherDocumentsAreRefused() {
    Rankings other =
        Rankings.of(queries, Ids.of(List.of("x")), new int[][] {{0}}, new float[][] {{1}});
    assertThatThrownBy(() -> ReciprocalRankFusion.PAPER.fuse(List.of(ranking(0), other)))
        .hasMessage("rankings to fuse differ in queries or documents");
  }

  private Rankings ranking(int... order) {
    float[] scores = new float[order.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = 10 - i;
    }
    return Rankings.of(queries, documents, new int[][] {order}, new float[][] {scores});
  }
}
