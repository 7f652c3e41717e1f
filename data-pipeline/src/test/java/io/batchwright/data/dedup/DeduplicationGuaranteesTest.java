package io.batchwright.data.dedup;

import static io.batchwright.data.dedup.DedupSpark.documents;
import static io.batchwright.data.dedup.DedupSpark.edited;
import static io.batchwright.data.dedup.DedupSpark.survivors;
import static io.batchwright.data.dedup.DedupSpark.words;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.batchwright.data.failure.BatchwrightException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

/** Scopes, orders, measures and bad input of {@link Deduplicate}, small and as for any size. */
class DeduplicationGuaranteesTest {
  private static final Sizes ANY_SIZE = new Sizes(0, 0, 0, 0, 0);
  private static final String BASE = words(1, 200);

  @Test
  void aCopyWhoseSurvivorWentForADocumentOfItsOwnSourceStays() {
    Dataset<Row> input =
        documents(
            List.of(
                row("a1", "A", BASE),
                row("b1", "B", BASE),
                row("b2", "B", BASE + " longer"),
                row("b3", "B", BASE + " longer")));
    Deduplicate across = Deduplicate.DEFAULTS.in(Scope.ACROSS_SOURCES);
    for (Sizes sizes : List.of(Sizes.DEFAULTS, ANY_SIZE)) {
      try (Deduplication found = across.apply(input, sizes)) {
        assertThat(survivors(found)).containsOnly(entry("a1", "b2"));
      }
    }
  }

  @Test
  void unverifiedComponentsAcrossSourcesNeedTwoSources() {
    String other = words(2, 200);
    Dataset<Row> input =
        documents(
            List.of(
                row("a1", "A", BASE),
                row("a2", "A", BASE),
                row("b1", "B", other),
                row("b2", "B", other),
                row("c1", "C", other)));
    Deduplicate across =
        Deduplicate.DEFAULTS
            .with(List.of(MinHashLsh.PAPER.clustered(Mode.COMPONENTS, false)))
            .in(Scope.ACROSS_SOURCES);
    try (Deduplication found = across.apply(input)) {
      assertThat(survivors(found)).containsOnly(entry("c1", "b1"));
    }
  }

  @Test
  void snapshotsAreLookedAtOneByOneAndTheColumnMustExist() {
    Dataset<Row> plain =
        documents(
            List.of(
                row("a", "x", BASE),
                row("b", "x", BASE),
                row("c", "y", edited(BASE, 100, "other")),
                row("d", "y", BASE)));
    Dataset<Row> dated = plain.withColumn("day", when(col("doc_id").leq("b"), 1).otherwise(2));
    Deduplicate bySnapshot =
        new Deduplicate(
            Deduplicate.DEFAULTS.deduplicators(),
            Scope.PER_SNAPSHOT,
            List.of(),
            "",
            "day",
            Output.FILTER);
    try (Deduplication found = bySnapshot.apply(dated)) {
      assertThat(survivors(found)).containsOnlyKeys("b", "c").containsEntry("b", "a");
      assertThat(found.outcome().kept().columns()).containsExactly(dated.columns());
    }
    assertThatThrownBy(() -> bySnapshot.apply(plain))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("day")
        .hasMessageContaining("doc_id, source, text, meta");
  }

  @Test
  void theHigherQualitySurvivesAndAnUnknownOneComesLast() {
    Dataset<Row> input =
        documents(
                List.of(
                    row("a", "x", BASE + " the longest of all"),
                    row("b", "x", BASE),
                    row("c", "x", BASE + " longer")))
            .withColumn(
                "score", when(col("doc_id").equalTo("b"), 0.9).when(col("doc_id").equalTo("c"), 0));
    for (Sizes sizes : List.of(Sizes.DEFAULTS, ANY_SIZE)) {
      try (Deduplication found = Deduplicate.DEFAULTS.byQuality("score").apply(input, sizes)) {
        assertThat(survivors(found)).containsOnly(entry("a", "b"), entry("c", "b"));
      }
    }
  }

  @Test
  void aColumnOfTheWrongTypeIsNamedWithWhatWasFound() {
    Dataset<Row> input = documents(List.<String[]>of(row("a", "x", BASE)));
    assertThatThrownBy(
            () -> Deduplicate.DEFAULTS.apply(input.withColumn("text", col("text").cast("binary"))))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage("Deduplication needs the column text as string, but it is binary.");
    assertThatThrownBy(() -> Deduplicate.DEFAULTS.apply(input.drop("source")))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("source")
        .hasMessageContaining("doc_id, text, meta");
    assertThatThrownBy(() -> Deduplicate.DEFAULTS.byQuality("source").apply(input))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("Deduplicate.qualityColumn")
        .hasMessageContaining("number, but it is string");
    assertThatThrownBy(
            () -> Deduplicate.DEFAULTS.apply(input.withColumn("text", lit(null).cast("string"))))
        .hasRootCauseInstanceOf(BatchwrightException.class)
        .hasStackTraceContaining("column text, but the document a has none");
  }

  @Test
  void thresholdsOutsideTheirRangeAndUnverifiedAnchorsAreRefused() {
    for (double threshold : new double[] {0, -0.5, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> MinHashLsh.PAPER.from(Measure.JACCARD, threshold))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("MinHashLsh.threshold must be in (0, 1]");
    }
    assertThatThrownBy(() -> MinHashLsh.PAPER.clustered(Mode.ANCHORED, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MinHashLsh.verify");
  }

  @Test
  void noLaterDeduplicatorRemovesWhatARemovalRestsOn() {
    String near = BASE;
    for (int i = 0; i < 8; i++) {
      near = edited(near, 40 + 5 * i, "x" + i);
    }
    Dataset<Row> input =
        documents(
            List.of(
                row("a", "x", BASE + " and a longer end of the text than others"),
                row("b", "x", near + " longer"),
                row("c", "x", edited(near, 190, "y"))));
    Deduplicate twice =
        Deduplicate.DEFAULTS.with(
            List.of(
                MinHashLsh.PAPER, new MinHashLsh(128, 64, 2, 5, ShingleUnit.WORDS, 0.5, 64, 1)));
    for (Sizes sizes : List.of(Sizes.DEFAULTS, ANY_SIZE)) {
      try (Deduplication found = twice.apply(input, sizes)) {
        assertThat(survivors(found)).containsOnly(entry("c", "b"));
      }
    }
  }

  @Test
  void containmentIsTheShareOfWhatGoesThatStandsInWhatStays() {
    String part = String.join(" ", List.of(BASE.split(" ")).subList(0, 120));
    MinHashLsh contained =
        new MinHashLsh(128, 128, 1, 5, ShingleUnit.WORDS, 0.8, 64, 1)
            .from(Measure.CONTAINMENT, 0.95);
    Dataset<Row> input = documents(List.of(row("part", "x", part), row("whole", "x", BASE)));
    Deduplicate recipe = Deduplicate.DEFAULTS.with(List.of(contained));
    try (Deduplication found = recipe.apply(input);
        Deduplication other = recipe.byQuality("score").apply(preferringThePart(input))) {
      assertThat(survivors(found)).containsOnly(entry("part", "whole"));
      assertThat(found.outcome().removed().head().<Double>getAs("similarity")).isEqualTo(1.0);
      assertThat(survivors(other)).isEmpty();
    }
  }

  private static Dataset<Row> preferringThePart(Dataset<Row> input) {
    return input.withColumn("score", functions.length(col("text")).multiply(-1));
  }

  @Test
  void slimPajamasComponentsAreNotComparedAndSayNoSimilarity() {
    String text = words(4, 400);
    Dataset<Row> input =
        documents(
            List.of(row("a", "x", text), row("b", "x", text + "!"), row("c", "x", words(5, 400))));
    Deduplicate recipe = Deduplicate.DEFAULTS.with(List.of(MinHashLsh.SLIMPAJAMA));
    for (Sizes sizes : List.of(Sizes.DEFAULTS, ANY_SIZE)) {
      try (Deduplication found = recipe.apply(input, sizes)) {
        assertThat(survivors(found)).containsOnly(entry("a", "b"));
        assertThat(found.outcome().removed().head().isNullAt(5)).isTrue();
      }
    }
  }

  @Test
  void largeTextsAndTextsWithoutSpacesAreComparedLikeOthers() {
    String large = words(6, 1_800_000);
    String chinese =
        IntStream.range(0, 300).mapToObj(i -> hanzi(i * i)).collect(Collectors.joining());
    String arabic =
        IntStream.range(0, 200)
            .mapToObj(i -> "\u0643\u062A\u0627\u0628" + (char) ('\u0628' + i * i % 20))
            .collect(Collectors.joining(" "));
    Dataset<Row> input =
        documents(
            List.of(
                row("large", "x", large),
                row("large2", "x", edited(large, 5, "other words here")),
                row("zh", "x", chinese),
                row("zh2", "x", chinese.substring(0, 280) + hanzi(7)),
                row("ar", "x", arabic),
                row("ar2", "x", arabic + " \u0643\u0644\u0645\u0629"),
                row("surrogate", "x", "\ud800 lone \udc00 and nul \0"),
                row("empty", "x", "")));
    assertThat(large.length()).isGreaterThan(10_000_000);
    try (Deduplication found = Deduplicate.DEFAULTS.apply(input)) {
      assertThat(survivors(found)).isEqualTo(Map.of("large", "large2", "zh2", "zh", "ar", "ar2"));
    }
  }

  @Test
  void annotationsNameEveryDocumentOfAClusterAndHoldNoText() {
    Dataset<Row> input =
        documents(List.of(row("a", "x", BASE), row("b", "x", BASE), row("c", "x", words(3, 50))));
    try (Deduplication found = Deduplicate.DEFAULTS.apply(input)) {
      assertThat(found.annotations().orderBy("doc_id").collectAsList())
          .extracting(Row::toString)
          .containsExactly("[a,a,2,null,null,null]", "[b,a,2,a,1.0,exact_duplicate]");
    }
  }

  private static String hanzi(int seed) {
    return String.valueOf((char) (0x4E00 + seed % 3000));
  }

  private static String[] row(String id, String source, String text) {
    return new String[] {id, source, text};
  }
}
