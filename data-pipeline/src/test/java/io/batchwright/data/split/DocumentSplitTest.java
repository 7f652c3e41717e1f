package io.batchwright.data.split;

import static io.batchwright.data.dedup.DedupSpark.edited;
import static io.batchwright.data.dedup.DedupSpark.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.DedupSpark;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Deduplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class DocumentSplitTest {
  private static final int DOCUMENTS = 60;

  /** Of each text there is one that deduplication keeps and the strict check calls near. */
  @Test
  void aShareIsSetAsideAndWhatIsNearToItIsNotTrainedOn() {
    List<String[]> triples = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      String text = words(i, 100);
      triples.add(new String[] {"d%02d".formatted(i), "s", text});
      triples.add(
          new String[] {
            "n%02d".formatted(i),
            "s",
            edited(edited(edited(text, 20, "one"), 45, "two"), 70, "three")
          });
    }
    Dataset<Row> documents = DedupSpark.documents(triples);
    LeakCheck strict = new LeakCheck(0.5, LeakCheck.DEFAULTS.unit(), 5);
    HeldOutSplit recipe = new HeldOutSplit(List.of(), 0, 0.3, strict, 1);
    try (Deduplication found = Deduplicate.DEFAULTS.apply(documents);
        DocumentSplit split = recipe.ofDocuments(input(documents, found))) {
      Map<String, String> sides = new TreeMap<>();
      split.documents().collectAsList().forEach(r -> sides.put(r.getString(0), r.getString(1)));
      assertThat(sides).hasSize(2 * DOCUMENTS);
      int aside = 0;
      for (int i = 0; i < DOCUMENTS; i++) {
        String one = sides.get("d%02d".formatted(i));
        String other = sides.get("n%02d".formatted(i));
        aside += one.equals("validation") ? 1 : 0;
        if (one.equals("validation") || other.equals("validation")) {
          assertThat(List.of(one, other)).doesNotContain("train");
        } else {
          assertThat(List.of(one, other)).containsOnly("train");
        }
      }
      assertThat(aside).isBetween(9, 27); // 18 expected, within two and a half deviations
      List<Row> removed = split.removed().collectAsList();
      assertThat(removed)
          .hasSize((int) sides.values().stream().filter("excluded"::equals).count())
          .isNotEmpty()
          .allMatch(row -> row.getString(3).equals("leak_check"));
      assertThat(split.leaks().clean()).isTrue();
      assertThat(split.leaks().excludedDocuments()).isEqualTo(removed.size());
      try (DocumentSplit again = recipe.ofDocuments(input(documents.repartition(5), found))) {
        assertThat(again.documents().except(split.documents()).isEmpty()).isTrue();
      }
    }
  }

  @Test
  void withoutAShareAllDocumentsAreTrainedOn() {
    Dataset<Row> documents =
        DedupSpark.documents(List.of(new String[][] {{"a", "s", words(1, 50)}}));
    try (Deduplication found = Deduplicate.DEFAULTS.apply(documents);
        DocumentSplit split =
            new HeldOutSplit(List.of(), 0, 0, LeakCheck.DEFAULTS, 1)
                .ofDocuments(input(documents, found))) {
      assertThat(split.documents().collectAsList())
          .extracting(r -> r.getString(1))
          .containsOnly("train");
      assertThat(split.removed().isEmpty()).isTrue();
    }
  }

  private static SplitInput input(Dataset<Row> documents, Deduplication found) {
    return new SplitInput(
        found.outcome().kept(),
        documents,
        found.outcome().removed(),
        found.clusters(),
        Tables.empty(DedupSpark.session(), Tables.QUERIES),
        Tables.empty(DedupSpark.session(), Tables.QRELS));
  }
}
