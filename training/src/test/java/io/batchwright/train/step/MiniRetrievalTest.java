package io.batchwright.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.batch.RoleBatch;
import io.batchwright.data.batch.StepBatch;
import io.batchwright.train.collective.Ranks;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Ranks that can be counted on fingers. */
class MiniRetrievalTest {
  // Query 1 has the answers 10 and 11; the positives of the others stand before or behind by hand.
  private static final long[] QUERIES = {1, 1, 2, 3};
  private static final long[] POSITIVES = {10, 11, 12, 13};
  private static final float[][] QUERY = {{1, 0}, {1, 0}, {0, 1}, {1, 0}};
  private static final float[][] POSITIVE = {{0.6f, 0.8f}, {1, 0}, {0.8f, 0.6f}, {0, 1}};

  @Test
  void scoresAreThoseOfTheRanksWhateverTheWorld() throws Exception {
    // Query 1: its answer 10 (0.6) stands behind 12 (0.8), its answer 11 left out: rank 2; its
    // answer 11 (1.0) is first. Query 2: 12 (0.6) stands behind 13 (1.0) and 10 (0.8): rank 3.
    // Query 3: 13 (0.0) stands behind all three: rank 4.
    double ndcg = (1 / log2(3) + 1 + 1 / log2(4) + 1 / log2(5)) / 4;
    double mrr = (1 / 2.0 + 1 + 1 / 3.0 + 1 / 4.0) / 4;
    for (int world : new int[] {1, 2, 3}) {
      List<ValidationScores> all =
          Ranks.run(
              world,
              ranks -> {
                MiniRetrieval retrieval = new MiniRetrieval(ranks, 4, 2);
                for (int i = ranks.rank(); i < 4; i += ranks.world()) {
                  retrieval.add(0, batch(i), QUERY[i], POSITIVE[i]);
                }
                return retrieval.scores(0.5);
              });
      assertThat(all).allSatisfy(scores -> assertThat(scores).isEqualTo(all.get(0)));
      assertThat(all.get(0).ndcg10()).isCloseTo(ndcg, within(1e-12));
      assertThat(all.get(0).mrr10()).isCloseTo(mrr, within(1e-12));
      assertThat(all.get(0).recall10()).isEqualTo(1);
      assertThat(all.get(0).loss()).isEqualTo(0.5);
    }
  }

  @Test
  void scoresThatAreNotFiniteFindNothing() throws Exception {
    float[][] broken = {{Float.NaN, Float.NaN}, {1, 0}, {0.8f, 0.6f}, {0, 1}};
    for (boolean queries : new boolean[] {true, false}) {
      ValidationScores scores =
          Ranks.run(
                  2,
                  ranks -> {
                    MiniRetrieval retrieval = new MiniRetrieval(ranks, 4, 2);
                    for (int i = ranks.rank(); i < 4; i += ranks.world()) {
                      retrieval.add(
                          0,
                          batch(i),
                          queries ? broken[0] : QUERY[i],
                          queries ? POSITIVE[i] : broken[i]);
                    }
                    return retrieval.scores(0.5);
                  })
              .get(0);
      // As above, but the text 10 is not found, and stands before those of the queries 2 and 3.
      double mrr = queries ? 0 : (0 + 1 + 1 / 3.0 + 1 / 4.0) / 4;
      assertThat(scores.recall10()).isEqualTo(queries ? 0 : 0.75);
      assertThat(scores.mrr10()).isCloseTo(mrr, within(1e-12));
    }
  }

  @Test
  void pairsBeyondTheCorpusAreLeftOut() throws Exception {
    ValidationScores scores =
        Ranks.run(
                1,
                ranks -> {
                  MiniRetrieval retrieval = new MiniRetrieval(ranks, 2, 2);
                  for (int i = 0; i < 4; i++) {
                    retrieval.add(0, batch(i), QUERY[i], POSITIVE[i]);
                  }
                  return retrieval.scores(0);
                })
            .get(0);
    assertThat(scores.mrr10()).as("only query 1's own answers are there").isEqualTo(1);
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  /** The pair at place {@code i} of the global batch, alone. */
  private static StepBatch batch(int i) {
    return new StepBatch(
        0,
        0,
        new int[] {i},
        new long[] {i},
        new long[] {0},
        new float[] {1},
        new TreeMap<>(Map.of("query", text(QUERIES[i]), "positive", text(POSITIVES[i]))));
  }

  private static RoleBatch text(long id) {
    return new RoleBatch(new int[] {1}, new int[] {0, 1}, new int[] {0}, new long[] {id});
  }
}
