package io.batchwright.data.mixture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.batchwright.data.dedup.DedupSpark;
import io.batchwright.data.ledger.CanonicalHash;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every mixture promises, and the figures of each. */
class MixtureContractTest {
  private static final SortedMap<String, Long> ROWS = new TreeMap<>(Map.of("a", 80L, "b", 20L));

  static List<Mixture> members() {
    return Techniques.of(Mixture.class).stream()
        .map(member -> (Mixture) Techniques.defaults(member).orElseThrow())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("members")
  void sharesSumToOneAndThePaperIsNamed(Mixture member) {
    assertThat(member.getClass().getAnnotation(Paper.class)).isNotNull();
    assertThat(member.shares(ROWS)).containsOnlyKeys("a", "b");
    assertThat(member.shares(ROWS).values().stream().mapToDouble(Double::doubleValue).sum())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void aHighTemperatureLiftsTheSmallSource() {
    assertThat(Proportional.PAPER.shares(ROWS)).containsEntry("a", 0.8);
    assertThat(new Temperature(1e9).shares(ROWS).get("b")).isCloseTo(0.5, within(1e-6));
  }

  @Test
  void quotasAreWholeAndSumToTheTotal() {
    SortedMap<String, Double> shares = new TreeMap<>(Map.of("a", 0.55, "b", 0.25, "c", 0.2));
    assertThat(Draw.quotas(shares, 7)).isEqualTo(Map.of("a", 4L, "b", 2L, "c", 1L));
  }

  @Test
  void rowsAreRepeatedWholeTimesAndTheRestIsChosenByHash() {
    List<String[]> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(new String[] {"d" + i, i < 80 ? "a" : "b", "text " + i});
    }
    Dataset<Row> table = DedupSpark.documents(rows);
    Dataset<Row> one = new Temperature(1e9).draw(table.repartition(1), "doc_id", 100, 7);
    Dataset<Row> three = new Temperature(1e9).draw(table.repartition(3), "doc_id", 100, 7);
    assertThat(CanonicalHash.of(one)).isEqualTo(CanonicalHash.of(three));
    assertThat(one.where("source = 'a'").count()).isEqualTo(50);
    assertThat(one.where("source = 'b' and repetition = 0").count()).isEqualTo(20);
    assertThat(one.where("source = 'b' and repetition = 1").count()).isEqualTo(20);
    assertThat(one.where("source = 'b' and repetition = 2").count()).isEqualTo(10);
  }
}
