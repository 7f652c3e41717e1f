package io.batchwright.data.dedup.index;

import static io.batchwright.data.dedup.DedupSpark.documents;
import static io.batchwright.data.dedup.DedupSpark.edited;
import static io.batchwright.data.dedup.DedupSpark.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.Tables;
import io.batchwright.data.dedup.DedupSpark;
import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.ExactHash;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.Mode;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.dedup.index.IndexUpdate.Kind;
import io.batchwright.data.failure.BatchwrightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index over a few days, in one story, since each Delta commit costs about a second. */
class DedupIndexTest {
  private static final double THRESHOLD = 0.7;
  private static final MinHashLsh LSH =
      new MinHashLsh(64, 32, 2, 3, io.batchwright.data.dedup.ShingleUnit.WORDS, THRESHOLD, 64, 1);
  private static final Deduplicate RECIPE =
      Deduplicate.DEFAULTS.with(List.of(ExactHash.PAPER, LSH));

  private final SparkSession spark = DedupSpark.session();

  @TempDir Path folder;

  @Test
  @Tag("slow")
  void daysOneByOneKeepThePromisesOfTheWholeAndCanBeUndone() {
    Map<String, String> texts = new TreeMap<>();
    Map<String, List<String[]>> days = days(texts);
    DedupIndex index = open("index");
    Map<String, String> survivorOf = new HashMap<>();
    TreeSet<String> kept = new TreeSet<>();
    days.forEach(
        (day, rows) -> {
          try (IndexUpdate update = index.update(documents(rows), day, "/out/" + day)) {
            assertThat(update.kind()).isEqualTo(Kind.ADDED);
            for (Row row : update.outcome().kept().select("doc_id").collectAsList()) {
              kept.add(row.getString(0));
            }
            for (Row row : update.matches().collectAsList()) {
              survivorOf.put(row.getString(0), row.getString(3));
              assertThat(row.getString(4)).isLessThanOrEqualTo(day);
              assertThat(row.getDouble(5))
                  .isCloseTo(
                      similarity(texts.get(row.getString(0)), texts.get(row.getString(3))),
                      org.assertj.core.api.Assertions.within(1e-6))
                  .isGreaterThanOrEqualTo(THRESHOLD);
            }
          }
        });
    // Each document is kept, or names a kept one that it is similar to: no cluster is lost.
    assertThat(kept).doesNotContainAnyElementsOf(survivorOf.keySet());
    assertThat(kept).containsAll(survivorOf.values());
    assertThat(kept.size() + survivorOf.size()).isEqualTo(texts.size());
    assertThat(survivorOf.size()).isBetween(30, 60);
    noTwoKeptAreAlike(kept, texts);

    String whole = index.content().toString();
    long[] size = index.filesAndBytes();
    try (IndexUpdate again =
        index.update(documents(days.get("2026-01-02")), "2026-01-02", "/elsewhere")) {
      assertThat(again.kind()).isEqualTo(Kind.UNCHANGED);
      assertThat(again.outcome().removed().count())
          .isEqualTo(again.snapshot().removed())
          .isPositive();
    }
    assertThat(index.content().toString()).isEqualTo(whole);
    assertThat(index.filesAndBytes()).isEqualTo(size);

    try (IndexUpdate empty =
        index.update(Tables.empty(spark, Tables.DOCUMENTS), "2026-01-09", "/out/2026-01-09")) {
      assertThat(empty.snapshot().documents()).isZero();
    }
    IndexChange rolledBack = index.rollback("2026-01-02");
    assertThat(rolledBack.snapshots()).extracting(SnapshotInfo::name).containsExactly("2026-01-09");
    assertThat(index.content().toString()).isEqualTo(whole);
    assertThat(rolledBack.orphans().count()).isZero();

    lateCorrection(index, days, survivorOf);
    IndexChange undone = index.rollback("2026-01-02");
    assertThat(undone.restored()).extracting(SnapshotInfo::name).containsExactly("2026-01-01");
    assertThat(undone.after()).isEqualTo(index.entries().count());
    assertThat(undone.orphans().count()).isZero();
    assertThat(index.content().toString()).isEqualTo(whole);

    lateCorrection(index, days, survivorOf);
    erasure(index, survivorOf);
    index.compact(0);
    assertThat(index.snapshots()).hasSize(2);
    otherParametersAreRefusedByName();
  }

  private void lateCorrection(
      DedupIndex index, Map<String, List<String[]>> days, Map<String, String> survivorOf) {
    String lost = representing(survivorOf, "");
    long orphans =
        survivorOf.entrySet().stream()
            .filter(e -> e.getKey().startsWith("b") && e.getValue().equals(lost))
            .count();
    List<String[]> corrected = new ArrayList<>(days.get("2026-01-01"));
    corrected.removeIf(row -> row[0].equals(lost));
    try (IndexUpdate update = index.update(documents(corrected), "2026-01-01", "/out/again")) {
      assertThat(update.kind()).isEqualTo(Kind.REPLACED);
      assertThat(update.figures().get("index_orphans")).isEqualTo(orphans);
      assertThat(update.orphans().select("survivor_id").distinct().collectAsList())
          .extracting(row -> row.getString(0))
          .containsExactly(lost);
    }
  }

  private void erasure(DedupIndex index, Map<String, String> survivorOf) {
    String id = representing(survivorOf, representing(survivorOf, ""));
    long before = index.entries().count();
    Dataset<Row> ids = documents(List.of(row(id, ""), row("nobody", ""))).select("doc_id");
    IndexChange erased = index.erase(ids);
    assertThat(erased.after()).isEqualTo(before - 1).isEqualTo(index.entries().count());
    assertThat(erased.affected().collectAsList())
        .extracting(gone -> gone.mkString(" "))
        .containsExactly(id + " one 2026-01-01 survivor /out/again");
    assertThat(erased.orphans().count()).isPositive();
    Dataset<Row> named =
        index.table().versions().where("doc_id = '%s' or survivor_id = '%s'".formatted(id, id));
    assertThat(named.count()).isZero();
    assertThat(index.snapshots().get(0).erased()).isEqualTo(1);

    // What a correction replaced comes back without what was erased since.
    IndexChange undone = index.rollback("2026-01-02");
    assertThat(undone.restored()).extracting(SnapshotInfo::erased).containsExactly(1L);
    assertThat(index.entries().where("doc_id = '%s'".formatted(id)).count()).isZero();
    assertThat(index.table().versions().count()).isEqualTo(undone.after());
  }

  /** A document of the first day that stands for one of the second, another than {@code not}. */
  private static String representing(Map<String, String> survivorOf, String not) {
    return new TreeMap<>(survivorOf)
        .entrySet().stream()
            .filter(e -> e.getKey().startsWith("b") && e.getValue().startsWith("a"))
            .map(Map.Entry::getValue)
            .filter(id -> !id.equals(not))
            .findFirst()
            .orElseThrow();
  }

  private void otherParametersAreRefusedByName() {
    Deduplicate other =
        RECIPE.with(
            List.of(new ExactHash(true), new MinHashLsh(64, 16, 4, 3, LSH.unit(), 0.8, 64, 2)));
    assertThatThrownBy(() -> DedupIndex.open(spark, folder.resolve("index").toString(), other))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("ExactHash.foldCase: false in the index, true now")
        .hasMessageContaining("MinHashLsh.bands: 32 in the index, 16 now")
        .hasMessageContaining("MinHashLsh.threshold: 0.7 in the index, 0.8 now")
        .hasMessageContaining("MinHashLsh.seed: 1 in the index, 2 now")
        .extracting(e -> ((BatchwrightException) e).exitCode())
        .isEqualTo(2);
  }

  @Test
  void twoRunsAtTheSameTimeHappenOneAfterTheOther() throws Exception {
    DedupIndex index = open("shared");
    String text = words(77, 60);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Future<Long>> running = new ArrayList<>();
    for (String day : List.of("d1", "d2")) {
      running.add(
          threads.submit(
              () -> {
                List<String[]> rows =
                    List.of(row(day + "-same", text), row(day + "-own", words(day.hashCode(), 60)));
                try (IndexUpdate update = index.update(documents(rows), day, "/out/" + day)) {
                  return update.outcome().kept().count();
                }
              }));
    }
    long kept = running.get(0).get() + running.get(1).get();
    threads.shutdown();

    assertThat(kept).isEqualTo(3);
    assertThat(index.snapshots()).extracting(SnapshotInfo::name).containsExactly("d1", "d2");
    assertThat(index.survivors().select("number").distinct().count()).isEqualTo(3);

    // A commit that was prepared before another one came does not go through.
    IndexHead stale = index.head();
    index.delete(List.of("d1"));
    assertThat(
            index
                .table()
                .commit(
                    stale.next("late", 0, List.of(), List.of()),
                    List.of("d2"),
                    Tables.empty(spark, IndexEntries.SCHEMA),
                    0))
        .isFalse();
    assertThat(index.snapshots()).extracting(SnapshotInfo::name).containsExactly("d2");
  }

  @Test
  @Tag("slow")
  void whatNobodyPublishedIsTakenBackByTheNextRunOfAnotherSnapshot() {
    Map<String, OutputState> states = new TreeMap<>();
    DedupIndex index = open("pending").publishing(info -> states.get(info.name()));
    String text = words(78, 60);
    entered(index, "d1", row("x", text));
    states.put("d1", OutputState.ABANDONED);
    try (IndexUpdate second = update(index, "d2", row("y", text), row("other", words(79, 60)))) {
      assertThat(second.takenBack()).extracting(SnapshotInfo::name).containsExactly("d1");
      assertThat(second.figures()).containsEntry("index_taken_back", 1L);
      assertThat(second.outcome().removed().count()).isZero();
      assertThat(second.orphans().count()).isZero();
    }
    assertThat(index.snapshots()).extracting(SnapshotInfo::name).containsExactly("d2");

    states.put("d2", OutputState.RUNNING);
    try (IndexUpdate third = update(index, "d3", row("z", text))) {
      assertThat(third.takenBack()).isEmpty();
      assertThat(third.matches().select("survivor_id").collectAsList())
          .extracting(row -> row.getString(0))
          .containsExactly("y");
    }
    states.put("d2", OutputState.PUBLISHED);
    states.put("d3", OutputState.PUBLISHED);
    entered(index, "d2", row("other", words(79, 60)));
    assertThat(index.snapshots()).extracting(SnapshotInfo::pending).containsExactly(true, false);

    // The correction of d2 was never published: y stands for z again.
    states.put("d2", OutputState.ABANDONED);
    try (IndexUpdate fourth = update(index, "d4", row("w", text))) {
      assertThat(fourth.takenBack()).extracting(SnapshotInfo::name).containsExactly("d2");
      assertThat(fourth.matches().select("survivor_id").collectAsList())
          .extracting(row -> row.getString(0))
          .containsExactly("y");
      assertThat(fourth.orphans().count()).isZero();
    }
    assertThat(index.survivors().select("doc_id").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder("y", "other");
  }

  private static IndexUpdate update(DedupIndex index, String day, String[]... rows) {
    return index.update(documents(List.of(rows)), day, "/out/" + day);
  }

  private static void entered(DedupIndex index, String day, String[]... rows) {
    update(index, day, rows).close();
  }

  @Test
  void foldersThatAreNoIndexAndRecipesThatCannotHaveOneAreRefused() throws IOException {
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("x.txt"), "x");
    assertThatThrownBy(() -> DedupIndex.open(spark, full.toString(), RECIPE))
        .hasMessageContaining("holds no deduplication index");
    Path damaged = Files.createDirectories(folder.resolve("damaged/entries/_delta_log"));
    Files.writeString(damaged.resolve("00000000000000000000.json"), "{not json");
    assertThatThrownBy(() -> DedupIndex.open(spark, folder.resolve("damaged").toString(), RECIPE))
        .hasMessageContaining("is damaged")
        .extracting(e -> ((BatchwrightException) e).exitCode())
        .isEqualTo(3);
    assertThatThrownBy(() -> IndexHeader.of(RECIPE.with(List.of(LSH))))
        .hasMessageContaining("must be ExactHash");
    assertThatThrownBy(
            () ->
                IndexHeader.of(
                    RECIPE.with(List.of(ExactHash.PAPER, LSH.clustered(Mode.COMPONENTS, true)))))
        .hasMessageContaining("mode: anchored");
    DedupIndex index = open("none");
    assertThatThrownBy(() -> index.update(documents(List.of()), "a/b", ""))
        .hasMessageContaining("snapshot must be");
    assertThatThrownBy(() -> index.rollback("x")).hasMessageContaining("no deduplication index");
  }

  private DedupIndex open(String name) {
    return DedupIndex.open(spark, folder.resolve(name).toString(), RECIPE);
  }

  /** Two days of 60 documents; half of them repeat an earlier text, some edited. */
  private static Map<String, List<String[]>> days(Map<String, String> texts) {
    Map<String, List<String[]>> days = new TreeMap<>();
    Random random = new Random(11);
    List<String> pool = new ArrayList<>();
    int seed = 0;
    for (String prefix : List.of("a", "b")) {
      List<String[]> rows = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String text;
        if (pool.size() > 10 && random.nextInt(100) < 45) {
          text = pool.get(random.nextInt(pool.size()));
          if (random.nextBoolean()) {
            text = edited(text, random.nextInt(60), "edited" + i);
          }
        } else {
          text = words(seed++, 60);
          pool.add(text);
        }
        rows.add(row(prefix + i, text));
        texts.put(prefix + i, text);
      }
      days.put("2026-01-0" + (days.size() + 1), rows);
    }
    return days;
  }

  private static void noTwoKeptAreAlike(TreeSet<String> kept, Map<String, String> texts) {
    List<long[]> sets = kept.stream().map(id -> LSH.shingles().of(texts.get(id))).toList();
    for (int i = 0; i < sets.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(Shingles.jaccard(sets.get(i), sets.get(j))).isLessThan(THRESHOLD);
      }
    }
  }

  private static double similarity(String a, String b) {
    return Shingles.jaccard(LSH.shingles().of(a), LSH.shingles().of(b));
  }

  private static String[] row(String id, String text) {
    return new String[] {id, "one", text};
  }
}
