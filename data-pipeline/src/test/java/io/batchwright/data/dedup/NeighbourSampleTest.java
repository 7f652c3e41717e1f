package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.DedupSpark.documents;
import static io.batchwright.data.dedup.DedupSpark.edited;
import static io.batchwright.data.dedup.DedupSpark.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class NeighbourSampleTest {
  private static final Deduplicate RECIPE =
      Deduplicate.DEFAULTS.with(
          List.of(ExactHash.PAPER, new MinHashLsh(64, 32, 2, 3, ShingleUnit.WORDS, 0.7, 64, 1)));

  /** 150 lone texts, 100 pairs, and a cluster of 150, more than a bucket gives. */
  private final Dataset<Row> documents = documents(corpus());

  @Test
  void aDrawnDocumentIsJudgedAsInTheWholeCorpus() {
    TreeSet<String> gone = removed(documents);
    assertThat(gone).hasSizeBetween(240, 249);
    try (Workspace workspace = new Workspace()) {
      Dataset<Row> prints = workspace.keep(Fingerprints.of(RECIPE, documents));
      int found = 0;
      int drawn = 0;
      for (int seed = 1; seed <= 3; seed++) {
        Dataset<Row> sample = new NeighbourSample(0.1, seed).of(RECIPE, prints, workspace);
        TreeSet<String> judged = ids(sample.where("drawn"));
        TreeSet<String> goneThere = removed(documents.join(sample.drop("drawn"), "doc_id"));
        goneThere.retainAll(judged);
        TreeSet<String> expected = new TreeSet<>(gone);
        expected.retainAll(judged);
        assertThat(goneThere).isEqualTo(expected);
        assertThat(sample.count()).isGreaterThan(judged.size()).isLessThan(450);
        found += goneThere.size();
        drawn += judged.size();
      }
      // Four standard deviations of a binomial.
      assertThat(drawn / 3.0).isBetween(50 - 15.5, 50 + 15.5);
      assertThat(found / 0.3).isBetween(gone.size() - 109.0, gone.size() + 109.0);
      assertThat(ids(new NeighbourSample(1, 1).of(RECIPE, prints, workspace).where("drawn")))
          .isEqualTo(ids(documents));
    }
    assertThatThrownBy(() -> new NeighbourSample(0, 1))
        .hasMessageContaining("NeighbourSample.share");
  }

  private static List<String[]> corpus() {
    List<String[]> rows = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      String text = words(i, 60);
      rows.add(row("text" + i, text));
      if (i < 100) {
        rows.add(row("pair" + i, i % 2 == 0 ? text : edited(text, i % 60, "other")));
      }
    }
    String template = words(999, 60);
    for (int i = 0; i < 150; i++) {
      rows.add(row("template" + i, edited(template, 30, "place" + i)));
    }
    return rows;
  }

  private static TreeSet<String> removed(Dataset<Row> documents) {
    try (Deduplication found = RECIPE.apply(documents)) {
      return ids(found.outcome().removed());
    }
  }

  private static TreeSet<String> ids(Dataset<Row> table) {
    TreeSet<String> ids = new TreeSet<>();
    table.select("doc_id").collectAsList().forEach(row -> ids.add(row.getString(0)));
    return ids;
  }

  private static String[] row(String id, String text) {
    return new String[] {id, "one", text};
  }
}
