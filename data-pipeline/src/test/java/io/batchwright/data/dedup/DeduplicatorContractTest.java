package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.ledger.CanonicalHash;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Techniques;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every deduplicator promises. */
class DeduplicatorContractTest {
  static List<Deduplicator> members() {
    return Techniques.of(Deduplicator.class).stream()
        .map(member -> (Deduplicator) Techniques.defaults(member).orElseThrow())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("members")
  void namesItsPaperAndSurvivesSerialization(Deduplicator member) throws Exception {
    assertThat(member.getClass().getAnnotation(Paper.class)).isNotNull();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(member);
    Object copy = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    assertThat(copy).isEqualTo(member);
  }

  @ParameterizedTest
  @MethodSource("members")
  void removesRepeatsOnlyAndNeverASurvivor(Deduplicator member) {
    List<String[]> rows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      rows.add(new String[] {"d" + i, "s", DedupSpark.words(i, 80)});
      if (i % 3 == 0) {
        rows.add(new String[] {"e" + i, "s", DedupSpark.words(i, 80)});
      }
    }
    Dataset<Row> input = DedupSpark.documents(rows);
    try (Deduplication one = member.apply(input.repartition(1));
        Deduplication five = member.apply(input.repartition(5))) {
      assertThat(DedupSpark.survivors(one)).hasSize(10).containsEntry("e3", "d3");
      assertThat(CanonicalHash.of(one.outcome().removed()))
          .isEqualTo(CanonicalHash.of(five.outcome().removed()));
    }
  }
}
