package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.DedupSpark.documents;
import static io.batchwright.data.dedup.DedupSpark.edited;
import static io.batchwright.data.dedup.DedupSpark.session;
import static io.batchwright.data.dedup.DedupSpark.survivors;
import static io.batchwright.data.dedup.DedupSpark.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.ledger.CanonicalHash;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class DeduplicateTest {
  private static final String BASE = words(1, 200);
  private static final String NEAR = edited(BASE, 100, "other");

  @Test
  void equalTextsGoAsExactAndSimilarOnesAsNearWithTheirTrueSimilarity() {
    Dataset<Row> input =
        documents(
            List.of(
                row("a", "x", BASE + " tail"),
                row("b", "x", "  " + BASE.replace(" ", "\n") + " tail"),
                row("c", "x", NEAR),
                row("d", "x", words(2, 200))));
    try (Deduplication found = Deduplicate.DEFAULTS.apply(input)) {
      assertThat(survivors(found)).containsOnly(entry("a", "b"), entry("c", "b"));
      Row near = found.outcome().removed().where("doc_id = 'c'").head();
      Shingles shingles = MinHashLsh.PAPER.shingles();
      assertThat(near.<String>getAs("reason")).isEqualTo("near_duplicate");
      assertThat(near.<Double>getAs("similarity"))
          .isEqualTo(Shingles.jaccard(shingles.of(NEAR), shingles.of(BASE + " tail")));
      assertThat(found.outcome().kept().columns()).isEqualTo(input.columns());
      assertThat(
              found.outcome().kept().select("doc_id").collectAsList().stream()
                  .map(r -> r.getString(0)))
          .containsExactlyInAnyOrder("b", "d");
      assertThat(found.figures())
          .containsEntry("removed_exact_duplicate", 1L)
          .containsEntry("removed_near_duplicate", 1L)
          .containsEntry("clusters", 1L)
          .containsEntry("largest_cluster", 3L)
          .containsEntry("candidate_pairs", 1L)
          .containsEntry("verified_pairs", 1L);
      assertThat(found.clusters().where("cluster_id = 'b' and size = 3").count()).isEqualTo(3);
      assertThat(found.examples(input, 5, 1))
          .singleElement()
          .extracting(DuplicatePair::docId)
          .isEqualTo("c");
    }
  }

  @Test
  void theSourcePriorityThenTheLengthThenTheIdChoosesTheSurvivor() {
    Dataset<Row> input =
        documents(
            List.of(
                row("a", "web", BASE + " longer"),
                row("b", "books", BASE),
                row("c", "books", BASE)));
    Deduplicate byLength = Deduplicate.DEFAULTS;
    Deduplicate byPriority =
        new Deduplicate(byLength.deduplicators(), Scope.GLOBAL, List.of("books"));
    try (Deduplication first = byLength.apply(input);
        Deduplication second = byPriority.apply(input)) {
      assertThat(survivors(first)).containsOnly(entry("b", "a"), entry("c", "a"));
      assertThat(survivors(second)).containsOnly(entry("a", "b"), entry("c", "b"));
    }
  }

  @Test
  void insideSourcesOnlyWhereTheScopeSaysSo() {
    Dataset<Row> input =
        documents(
            List.of(
                row("a", "x", BASE),
                row("b", "y", BASE),
                row("c", "y", NEAR),
                row("d", "z", NEAR)));
    Deduplicate perSource =
        new Deduplicate(Deduplicate.DEFAULTS.deduplicators(), Scope.PER_SOURCE, List.of());
    try (Deduplication found = perSource.apply(input)) {
      assertThat(survivors(found)).containsOnly(entry("c", "b"));
    }
  }

  @Test
  void shortBlankAndSymbolTextsAreComparedWhole() {
    Dataset<Row> input =
        documents(
            List.of(
                row("a", "x", "two words"),
                row("b", "x", "Two  words!"),
                row("c", "x", "other words"),
                row("d", "x", "!!!"),
                row("e", "x", "???"),
                row("f", "x", ""),
                row("g", "x", " \n")));
    try (Deduplication found = Deduplicate.DEFAULTS.apply(input)) {
      assertThat(survivors(found)).containsOnly(entry("a", "b"), entry("f", "g"));
    }
  }

  @Test
  void noDocumentsGiveNoDuplicates() {
    try (Deduplication found = Deduplicate.DEFAULTS.apply(documents(List.of()))) {
      assertThat(found.outcome().kept().count()).isZero();
      assertThat(found.figures()).containsEntry("documents", 0L).containsEntry("removed", 0L);
    }
  }

  @Test
  void aRepeatedIdIsRefused() {
    Dataset<Row> input = documents(List.of(row("a", "x", "one"), row("a", "y", "two")));
    assertThatThrownBy(() -> Deduplicate.DEFAULTS.apply(input))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("[a]");
  }

  @Test
  void theResultDependsOnNeitherPartitionsNorOrderNorHowPlansRun() {
    List<String[]> rows = plantedCorpus();
    String expected = null;
    for (int partitions : new int[] {1, 2, 7}) {
      Collections.shuffle(rows, new Random(partitions));
      session().conf().set("spark.sql.adaptive.enabled", partitions != 7);
      session().conf().set("spark.sql.codegen.wholeStage", partitions == 1);
      session().conf().set("spark.sql.shuffle.partitions", String.valueOf(partitions));
      Sizes sizes = partitions == 2 ? Sizes.DEFAULTS : new Sizes(0, 0, 0, 0, 0);
      try (Deduplication found =
          Deduplicate.DEFAULTS.apply(documents(rows).repartition(partitions), sizes)) {
        String hash = hash(found);
        assertThat(found.outcome().kept().count() + found.figures().get("removed"))
            .isEqualTo(rows.size());
        expected = expected == null ? hash : expected;
        assertThat(hash).isEqualTo(expected);
      } finally {
        session().conf().set("spark.sql.adaptive.enabled", false);
        session().conf().set("spark.sql.codegen.wholeStage", false);
        session().conf().set("spark.sql.shuffle.partitions", "2");
      }
    }
  }

  @Test
  void candidatesThatAreTooManyForTheDriverAreJudgedOnExecutorsWithTheSameResult() {
    List<String[]> rows = new ArrayList<>();
    for (int pair = 0; pair < 20; pair++) {
      String text = words(pair, 80);
      rows.add(row("a" + pair, "s", text));
      rows.add(row("b" + pair, "s", edited(text, 40, "other")));
    }
    Dataset<Row> input = documents(rows);
    // A pair has 152 shingles, and all pairs together are more than half of 200.
    Sizes sizes = new Sizes(400_000, 500_000, 1_000_000, 200, 1 << 20);
    try (Deduplication there = Deduplicate.DEFAULTS.apply(input, sizes);
        Deduplication here = Deduplicate.DEFAULTS.apply(input, Sizes.DEFAULTS)) {
      assertThat(hash(there)).isEqualTo(hash(here));
      assertThat(there.figures()).isEqualTo(here.figures());
      assertThat(here.figures().get("removed")).isGreaterThan(15);
    }
  }

  @Test
  void giantComponentsAreResolvedInRounds() {
    Sizes smallComponents = new Sizes(0, 500_000, 1_000_000, 100, 1 << 20);
    Dataset<Row> input = documents(plantedCorpus());
    try (Deduplication rounds = Deduplicate.DEFAULTS.apply(input, smallComponents);
        Deduplication found = Deduplicate.DEFAULTS.apply(input)) {
      assertThat(rounds.figures().get("giant_components")).isPositive();
      assertThat(rounds.figures().get("resolution_rounds")).isGreaterThan(1);
      assertThat(hash(rounds)).isEqualTo(hash(found));
    }
  }

  @Test
  void nothingIsRemovedAlongAChain() {
    List<String[]> rows = new ArrayList<>();
    String link = words(9, 100);
    for (int i = 0; i < 9; i++) {
      rows.add(row("chain" + i, "s0", link));
      link = edited(edited(link, 10 * i + 2, "chain" + i), 10 * i + 3, "link" + i);
    }
    Dataset<Row> chain = documents(rows);
    MinHashLsh wide = new MinHashLsh(256, 64, 4, 5, ShingleUnit.WORDS, 0.85, 64, 1);
    Deduplicate anchored = Deduplicate.DEFAULTS.with(List.of(wide));
    Deduplicate components =
        Deduplicate.DEFAULTS.with(List.of(wide.clustered(Mode.COMPONENTS, true)));
    try (Deduplication found = anchored.apply(chain);
        Deduplication linked = components.apply(chain)) {
      assertThat(survivors(found)).containsOnlyKeys("chain1", "chain3", "chain5", "chain7");
      assertThat(found.outcome().removed().where("similarity < 0.85").count()).isZero();
      assertThat(survivors(linked)).hasSize(8);
      assertThat(linked.outcome().removed().where("similarity < 0.85").count()).isPositive();
    }
  }

  @Test
  void everySurvivorIsKeptAndEveryRemovedRowIsVerifiedAgainstIt() {
    Shingles shingles = MinHashLsh.PAPER.shingles();
    Dataset<Row> input = documents(plantedCorpus());
    try (Deduplication found = Deduplicate.DEFAULTS.apply(input)) {
      Dataset<Row> kept =
          found.outcome().kept().selectExpr("doc_id as survivor_id", "text as kept");
      Dataset<Row> checked =
          found
              .outcome()
              .removed()
              .join(input.select("doc_id", "text"), "doc_id")
              .join(kept, "survivor_id");
      assertThat(checked.count()).isEqualTo(found.figures().get("removed"));
      for (Row row : checked.collectAsList()) {
        assertThat(row.<Double>getAs("similarity"))
            .isEqualTo(
                Shingles.jaccard(shingles.of(row.getAs("text")), shingles.of(row.getAs("kept"))));
      }
    }
  }

  @Test
  void anchorsBeyondTheCapAreCounted() {
    List<String[]> rows = new ArrayList<>();
    // Half of each text is shared, so single-row bands collide while no pair is a duplicate.
    String shared = words(5, 100);
    for (int i = 0; i < 40; i++) {
      rows.add(row("d" + i, "x", shared + " " + words(1000 + i, 100)));
    }
    MinHashLsh narrow = new MinHashLsh(128, 128, 1, 5, ShingleUnit.WORDS, 0.8, 4, 1);
    try (Deduplication found =
        new Deduplicate(List.of(narrow), Scope.GLOBAL, List.of()).apply(documents(rows))) {
      assertThat(found.figures().get("beyond_cap")).isPositive();
      assertThat(found.figures()).containsEntry("removed", 0L);
    }
  }

  private static String hash(Deduplication found) {
    return CanonicalHash.of(found.outcome().kept())
        + " "
        + CanonicalHash.of(found.outcome().removed())
        + " "
        + CanonicalHash.of(found.clusters());
  }

  private static List<String[]> plantedCorpus() {
    List<String[]> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String text = words(100 + i, 60 + 3 * i);
      rows.add(row("base" + i, "s" + i % 3, text));
      for (int copy = 0; copy < i % 4; copy++) {
        rows.add(
            row("near" + i + "-" + copy, "s" + copy, edited(text, 7 * copy + 3, "edit" + copy)));
      }
      if (i % 5 == 0) {
        rows.add(row("same" + i, "s1", text));
      }
    }
    // A chain: each link is near to the next, the ends are far apart.
    String link = words(9, 100);
    for (int i = 0; i < 8; i++) {
      rows.add(row("chain" + i, "s0", link));
      link = edited(link, 12 * i + 2, "chain" + i);
    }
    return rows;
  }

  private static String[] row(String id, String source, String text) {
    return new String[] {id, source, text};
  }
}
