package io.batchwright.train.rank;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.train.collective.Ranks;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgreementTest {
  private static final List<String> TEXTS = List.of("own", "a table\nof chöices", "");

  @Test
  void everyRankIsToldTheTextOfOne() throws Exception {
    for (int told = 0; told < 3; told++) {
      int rank = told;
      List<String> heard =
          Ranks.run(3, ranks -> new Agreement(ranks).ofRank(rank, TEXTS.get(ranks.rank())));
      assertThat(heard).hasSize(3).containsOnly(TEXTS.get(rank));
    }
    assertThat(Ranks.run(1, ranks -> new Agreement(ranks).ofRank(0, ""))).containsExactly("");
  }

  @Test
  void aRankThatComputesByAnotherProviderIsNamed() throws Exception {
    List<String> providers = List.of("cuda", "cuda", "openblas");
    assertThat(
            Ranks.run(
                3,
                ranks ->
                    new Agreement(ranks).otherProvider(providers.get(ranks.rank())).orElseThrow()))
        .containsOnly(
            "rank 2 computes by \"openblas\", rank 0 by \"cuda\": the same seed gives other weights"
                + " where all ranks compute alike");
    assertThat(Ranks.run(2, ranks -> new Agreement(ranks).otherProvider("cuda").isEmpty()))
        .containsOnly(true);
  }
}
