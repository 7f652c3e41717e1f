package io.batchwright.data.split;

import static io.batchwright.data.dedup.DedupSpark.edited;
import static io.batchwright.data.dedup.DedupSpark.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.DedupSpark;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.Deduplication;
import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class HeldOutSplitTest {
  private static final LeakCheck STRICT =
      new LeakCheck(0.5, LeakCheck.DEFAULTS.unit(), LeakCheck.DEFAULTS.shingleSize());

  @Test
  void eachQueryGoesWhereTheRulesSay() {
    String crossing = words(1, 100);
    String leak = words(2, 100);
    String repeated = words(3, 100);
    Dataset<Row> documents =
        DedupSpark.documents(
            List.of(
                doc("t1", "train", words(10, 80)),
                doc("t2", "train", crossing + " tail"),
                doc("t3", "train", leak),
                doc("t4", "train", repeated),
                doc("t5", "train", edited(repeated, 50, "other")),
                doc("t6", "train", words(11, 80)),
                doc("h1", "held", words(12, 80)),
                doc("h2", "held", crossing),
                // Similarity between 0.5 and 0.8: deduplication keeps it, the strict check finds
                // it.
                doc("h3", "held", edited(edited(edited(leak, 20, "one"), 45, "two"), 70, "three")),
                doc("h4", "held", words(13, 80))));
    Dataset<Row> queries =
        queries(
            query("q1", "plain", "train"),
            query("q2", "crosses", "train"),
            query("q3", "leaks", "train"),
            query("q4", "Same  text", "train"),
            query("q5", "same text", "train"),
            query("q6", "held question", "train"),
            query("q7", "gone", "train"),
            query("v1", "held question", "held"),
            query("v2", "crosses too", "held"),
            query("v3", "leaked to", "held"),
            query("v4", "Held question ", "held"));
    Dataset<Row> qrels =
        qrels(
            "q1 t1",
            "q2 t2",
            "q3 t3",
            "q4 t4",
            "q5 t5",
            "q6 t6",
            "q7 nowhere",
            "v1 h1",
            "v2 h2",
            "v3 h3",
            "v4 h4");
    HeldOutSplit recipe = new HeldOutSplit(List.of("held"), 0, 0, STRICT, 1);
    try (Deduplication found = Deduplicate.DEFAULTS.apply(documents);
        Split split = recipe.apply(input(documents, found, queries, qrels))) {
      Map<String, String> fates = new TreeMap<>();
      split.queries().collectAsList().forEach(r -> fates.put(r.getString(0), r.getAs("split")));
      split
          .outcome()
          .removed()
          .collectAsList()
          .forEach(r -> fates.merge(r.getString(0), r.getAs("reason"), (a, b) -> b));
      assertThat(fates)
          .containsExactly(
              entry("q1", "train"),
              entry("q2", "cross_split_cluster"),
              entry("q3", "leak_check"),
              entry("q4", "train"),
              entry("q5", "merged_pair"),
              entry("q6", "query_in_held_out"),
              entry("q7", "no_document"),
              entry("v1", "held_out"),
              entry("v2", "cross_split_cluster"),
              entry("v3", "held_out"),
              entry("v4", "merged_pair"));
      assertThat(pairs(split.qrels()))
          .containsExactly("q1 t1", "q4 t4", "v1 h1", "v1 h4", "v1 t6", "v3 h3");
      assertThat(split.queries().schema().fieldNames()).isEqualTo(Tables.QUERIES.fieldNames());
      assertThat(split.leaks().clean()).isTrue();
      assertThat(split.leaks().nearPairs()).isEqualTo(1);
      assertThat(split.leaks().excludedDocuments()).isEqualTo(1);
      assertThat(split.figures()).containsEntry("train", 2L).containsEntry("merged_pair", 2L);
      assertThat(split.outcome().kept().count() + split.outcome().removed().count()).isEqualTo(11);
      Map<String, String> sides = new TreeMap<>();
      split.documents().collectAsList().forEach(r -> sides.put(r.getString(0), r.getString(1)));
      assertThat(sides)
          .containsEntry("t1", "train")
          .containsEntry("t2", "excluded")
          .containsEntry("t3", "excluded")
          .containsEntry("h3", "held_out");
    }
  }

  @Test
  void validationSharesNoTextAndNoDocumentWithTraining() {
    List<String[]> documents = new ArrayList<>();
    List<Row> queries = new ArrayList<>();
    List<String> qrels = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      documents.add(doc("d" + i, "train", words(i, 40)));
      queries.add(RowFactory.create("q" + i, "text " + i % 90, "train", "g" + i / 3, null));
      qrels.add("q" + i + " d" + i);
      qrels.add("q" + i + " d" + (i + 41) % 120);
    }
    Dataset<Row> table = DedupSpark.documents(documents);
    HeldOutSplit recipe = new HeldOutSplit(List.of(), 0, 0.2, LeakCheck.DEFAULTS, 1);
    SplitInput input =
        new SplitInput(
            table,
            table,
            Tables.empty(DedupSpark.session(), Tables.REMOVED),
            table.selectExpr("doc_id", "doc_id as cluster_id").limit(0),
            DedupSpark.session().createDataFrame(queries, Tables.QUERIES),
            qrels(qrels.toArray(new String[0])));
    try (Split split = recipe.apply(input)) {
      Dataset<Row> train = split.queries().where("split = 'train'");
      Dataset<Row> validation = split.queries().where("split = 'validation'");
      assertThat(validation.count()).isBetween(10L, 45L);
      assertThat(train.join(validation.select("query"), "query").count()).isZero();
      Dataset<Row> trained = split.qrels().join(train.select("query_id"), "query_id");
      Dataset<Row> validated = input.qrels().join(validation.select("query_id"), "query_id");
      assertThat(trained.join(validated.select("doc_id").distinct(), "doc_id").count()).isZero();
      assertThat(split.figures().get("document_in_validation")).isPositive();
    }
  }

  @Test
  void aShareOfTheGroupsTakesItsDocumentsAndTheirDuplicatesAlong() {
    List<String[]> documents = new ArrayList<>();
    List<Row> queries = new ArrayList<>();
    List<String> qrels = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      documents.add(doc("d" + i, "mine", words(i, 60)));
      // Every fifth document has a near-duplicate that another group's query asks for.
      documents.add(doc("e" + i, "mine", i % 5 == 0 ? words(i, 60) + " tail" : words(500 + i, 60)));
      queries.add(RowFactory.create("q" + i, "ask " + i, "mine", "g" + i / 2, null));
      queries.add(RowFactory.create("r" + i, "seek " + i, "mine", "h" + i / 2, null));
      qrels.add("q" + i + " d" + i);
      qrels.add("r" + i + " e" + i);
    }
    Dataset<Row> table = DedupSpark.documents(documents);
    HeldOutSplit recipe = new HeldOutSplit(List.of(), 0.3, 0, LeakCheck.DEFAULTS, 1);
    try (Deduplication found = Deduplicate.DEFAULTS.apply(table);
        Split split =
            recipe.apply(
                input(
                    table,
                    found,
                    DedupSpark.session().createDataFrame(queries, Tables.QUERIES),
                    qrels(qrels.toArray(new String[0]))))) {
      Dataset<Row> held = split.queries().where("split = 'held_out'");
      Dataset<Row> train = split.queries().where("split = 'train'");
      assertThat(held.count()).isBetween(35L, 85L);
      assertThat(held.select("group_id").intersect(train.select("group_id")).count()).isZero();
      assertThat(split.figures().get("document_in_held_out")).isPositive();
      Dataset<Row> sides = split.qrels().join(split.documents(), "doc_id");
      assertThat(
              sides.join(held.select("query_id"), "query_id").where("split <> 'held_out'").count())
          .isZero();
      assertThat(sides.join(train.select("query_id"), "query_id").where("split <> 'train'").count())
          .isZero();
      assertThat(split.leaks().clean()).isTrue();
      assertThat(split.leaks().heldOutDocuments()).isPositive();
      assertThat(split.outcome().kept().count() + split.outcome().removed().count()).isEqualTo(200);
    }
  }

  @Test
  void queriesThatTheInputMarksAreHeldOutAndTheirDocumentsAreNot() {
    Dataset<Row> documents =
        DedupSpark.documents(
            List.of(doc("d1", "beir", words(1, 40)), doc("d2", "beir", words(2, 40))));
    Dataset<Row> queries =
        queries(
            RowFactory.create("q1", "one", "beir", null, null),
            RowFactory.create("q2", "two", "beir", null, "held_out"),
            RowFactory.create("q3", "TWO", "beir", null, null));
    HeldOutSplit recipe = new HeldOutSplit(List.of(), 0, 0, LeakCheck.DEFAULTS, 1);
    SplitInput input =
        new SplitInput(
            documents,
            documents,
            Tables.empty(DedupSpark.session(), Tables.REMOVED),
            documents.selectExpr("doc_id", "doc_id as cluster_id").limit(0),
            queries,
            qrels("q1 d1", "q2 d1", "q3 d2"));
    try (Split split = recipe.apply(input)) {
      Map<String, String> sides = new TreeMap<>();
      split.queries().collectAsList().forEach(r -> sides.put(r.getString(0), r.getAs("split")));
      assertThat(sides)
          .containsExactly(entry("q1", "train"), entry("q2", "held_out"), entry("q3", "excluded"));
      assertThat(split.figures()).containsEntry("query_in_held_out", 1L);
      assertThat(split.documents().where("split = 'train'").count()).isEqualTo(2);
    }
  }

  @Test
  void anUnknownHeldOutSourceIsAUsageError() {
    Dataset<Row> table = DedupSpark.documents(List.<String[]>of(doc("d", "train", "text")));
    SplitInput input = new SplitInput(table, table, table, table, table, table);
    HeldOutSplit recipe = new HeldOutSplit(List.of("hled"), 0, 0, LeakCheck.DEFAULTS, 1);
    assertThatThrownBy(() -> recipe.apply(input))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("hled")
        .hasMessageContaining("train");
  }

  private static SplitInput input(
      Dataset<Row> documents, Deduplication found, Dataset<Row> queries, Dataset<Row> qrels) {
    return new SplitInput(
        found.outcome().kept(),
        documents,
        found.outcome().removed(),
        found.clusters(),
        queries,
        qrels);
  }

  private static String[] doc(String id, String source, String text) {
    return new String[] {id, source, text};
  }

  private static Row query(String id, String text, String source) {
    return RowFactory.create(id, text, source, null, null);
  }

  private static Dataset<Row> queries(Row... rows) {
    return DedupSpark.session().createDataFrame(Arrays.asList(rows), Tables.QUERIES);
  }

  private static Dataset<Row> qrels(String... pairs) {
    List<Row> rows = new ArrayList<>();
    for (String pair : pairs) {
      String[] ids = pair.split(" ");
      rows.add(RowFactory.create(ids[0], ids[1], 1));
    }
    return DedupSpark.session().createDataFrame(rows, Tables.QRELS);
  }

  private static TreeSet<String> pairs(Dataset<Row> qrels) {
    TreeSet<String> pairs = new TreeSet<>();
    qrels.collectAsList().forEach(r -> pairs.add(r.getString(0) + " " + r.getString(1)));
    return pairs;
  }
}
