package io.batchwright.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Garden.Bed;
import io.batchwright.jobs.config.Garden.Cactus;
import io.batchwright.jobs.config.Garden.Grafted;
import io.batchwright.jobs.config.Garden.Rose;
import io.batchwright.jobs.config.Garden.Season;
import io.batchwright.jobs.config.Garden.Tulip;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecipeReaderTest {
  @Test
  void anEmptyRecipeIsTheDefaults() {
    assertThat(read("").config()).isEqualTo(Garden.DEFAULTS);
    assertThat(read("# only a comment\n").config()).isEqualTo(Garden.DEFAULTS);
  }

  @Test
  void everyKindOfValueIsRead() {
    Garden garden =
        read("""
        title: 007
        fenced: true
        pairsPerRank: 1_024
        cacheBytes: 1.5 GB
        rate: 2e-3
        timeout: 5 min
        season: Summer
        clip: 1
        bed: {high: 9}
        plant:
          name: Grafted
          plant: {name: Tulip}
          twigs: [Rose, {name: Rose, thorns: 1}]
        others:
          - name: io.batchwright.jobs.config.Garden$Cactus
            spines: 3
        tags: [x, y]
        beds:
          - {low: 2}
        labels:
          a.b: c
          d:
            e: 1
        """)
            .config();

    assertThat(garden.title()).isEqualTo("007");
    assertThat(garden.fenced()).isTrue();
    assertThat(garden.pairsPerRank()).isEqualTo(1024);
    assertThat(garden.cacheBytes()).isEqualTo(3L << 29);
    assertThat(garden.rate()).isEqualTo(0.002);
    assertThat(garden.timeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(garden.season()).isEqualTo(Season.SUMMER);
    assertThat(garden.clip()).isEqualTo(Optional.of(1.0));
    assertThat(garden.bed()).isEqualTo(new Bed(1, 9));
    assertThat(garden.plant())
        .isEqualTo(new Grafted(new Tulip(), List.of(Rose.PAPER, new Rose(0.9, 0.99, 1))));
    assertThat(garden.others()).isEqualTo(List.of(new Cactus(3)));
    assertThat(garden.tags()).containsExactly("x", "y");
    assertThat(garden.beds()).containsExactly(new Bed(2, 5));
    assertThat(garden.labels()).isEqualTo(Map.of("a.b", "c", "d.e", "1"));
  }

  @Test
  void everyProblemIsReportedAtOnceWithLineKeyValueAndLegalRange() {
    String recipe =
        """
        fenced: maybe
        rate: 1
        pairsPerRank: 0
        plant:
          name: Rose
          beta1: 1.8
          beta2: -1
          torns: 3
        season: sumer
        timeout: soon
        cacheBytes: a lot
        batchSize: 32
        tags: x
        bed: 3
        others: [Rosee]
        """;

    assertThatThrownBy(() -> read(recipe))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage(
            """
            13 problems:
              conf/x.yaml:1: fenced = maybe: expected true or false
              conf/x.yaml:2: rate = 1: must be in [0, 1)
              conf/x.yaml:3: pairsPerRank = 0: must be at least 1
              conf/x.yaml:6: plant.beta1 = 1.8: must be in [0, 1)
              conf/x.yaml:7: plant.beta2 = -1: must be in [0, 1)
              conf/x.yaml:8: plant.torns = 3: no such key; did you mean thorns? Known: beta1, beta2, thorns
              conf/x.yaml:9: season = sumer: no such value; did you mean summer? Known: early-spring, summer
              conf/x.yaml:10: timeout = soon: expected a duration such as 30 s, 5 min or 250 ms
              conf/x.yaml:11: cacheBytes = a lot: expected a size such as 512 MB
              conf/x.yaml:12: batchSize = 32: was removed; use pairsPerRank
              conf/x.yaml:13: tags = x: expected a list, such as [a, b]
              conf/x.yaml:14: bed = 3: expected a section with low, high
              conf/x.yaml:15: others[0] = Rosee: no such Plant; did you mean Rose? Known: Grafted, Rose, Tulip\
            """)
        .satisfies(e -> assertThat(((BatchwrightException) e).exitCode()).isEqualTo(2));
  }

  @Test
  void aKeySetTwiceIsAnError() {
    assertThatThrownBy(() -> read("rate: 0.1\nbed:\n  low: 1\n  low: 2\n"))
        .hasMessage("conf/x.yaml:4: bed.low: set twice, first at conf/x.yaml:3");
  }

  @Test
  void brokenYamlNamesItsLine() {
    assertThatThrownBy(() -> read("rate: 0.1\nbed: [1, 2\ntitle: x\n"))
        .hasMessageStartingWith("conf/x.yaml:3: not readable as YAML: ");
  }

  @Test
  void aTypeTagConstructsNothing() {
    assertThatThrownBy(() -> read("labels: !!javax.script.ScriptEngineManager {a: [1]}\n"))
        .hasMessageContaining("Global tag is not allowed");
  }

  @Test
  void anchorsAreRefused() {
    assertThatThrownBy(() -> read("bed: &b {low: 1}\nbeds: [*b]\n"))
        .hasMessageContaining("anchors and aliases are not part of recipes");
  }

  @Test
  void twoValuesThatOnlyHoldTogetherAreAccepted() {
    assertThat(read("bed: {low: 10, high: 20}").config().bed()).isEqualTo(new Bed(10, 20));
  }

  @Test
  void settingsWinOverTheRecipeAndNameThemselves() {
    Recipe recipe = recipe("plant:\n  beta1: 0.5\nothers: [Rose]\n");
    Resolved<Garden> read =
        RecipeReader.read(
            Garden.class,
            recipe,
            List.of(set("plant.beta1=0.6"), set("others.0.thorns=2"), set("labels.spark.x=y")));

    assertThat(read.config().plant()).isEqualTo(new Rose(0.6, 0.99, 7));
    assertThat(read.config().others()).isEqualTo(List.of(new Rose(0.9, 0.99, 2)));
    assertThat(read.config().labels()).containsEntry("spark.x", "y");
    assertThatThrownBy(() -> RecipeReader.read(Garden.class, recipe, List.of(set("plant.beta1=7"))))
        .hasMessage("--set: plant.beta1 = 7: must be in [0, 1)");
    assertThatThrownBy(() -> RecipeReader.read(Garden.class, recipe, List.of(set("rat=7"))))
        .hasMessageStartingWith("--set: rat = 7: no such key; did you mean rate?");
  }

  @Test
  void everyValueHasItsOrigin() {
    Resolved<Garden> read =
        RecipeReader.read(
            Garden.class,
            recipe("rate: 0.1\nplant: {name: Rose, thorns: 1}\n"),
            List.of(set("season=summer")));

    assertThat(read.values())
        .contains(
            new ResolvedValue("title", "garden", "DEFAULTS"),
            new ResolvedValue("rate", "0.1", "conf/x.yaml:1"),
            new ResolvedValue("season", "summer", "--set"),
            new ResolvedValue("plant.name", "Rose", "conf/x.yaml:2"),
            new ResolvedValue("plant.thorns", "1", "conf/x.yaml:2"),
            new ResolvedValue("plant.beta1", "0.9", "PAPER"),
            new ResolvedValue("bed.high", "5", "DEFAULTS"));
  }

  @Test
  void aValueWithoutEffectIsWarnedAbout() {
    assertThat(read("cacheBytes: 1 MB").warnings())
        .containsExactly("conf/x.yaml:1: cacheBytes has no effect: the garden is not fenced");
    assertThat(read("cacheBytes: 1 MB\nfenced: true").warnings()).isEmpty();
  }

  @Test
  void aLegalValueThatIsSeldomMeantIsWarnedAbout() {
    String near = "deduplicators: [{name: MinHashLsh, unit: characters, shingleSize: %d}]";
    assertThat(
            RecipeReader.read(Deduplicate.class, recipe(near.formatted(5)), List.of()).warnings())
        .containsExactly(
            "conf/x.yaml:1: deduplicators[0].shingleSize: unrelated texts share many runs of 5"
                + " characters; 13 are usual");
    assertThat(
            RecipeReader.read(Deduplicate.class, recipe(near.formatted(13)), List.of()).warnings())
        .isEmpty();
  }

  @Test
  void aRequiredKeyWithoutDefaultIsNamed() {
    assertThatThrownBy(() -> RecipeReader.read(Place.class, recipe("columns: {}\n"), List.of()))
        .hasMessage("conf/x.yaml:1: path: is required, expected text");
  }

  @Test
  void theCanonicalRecipeReadsBackToTheSameRecord() {
    Garden garden =
        read("plant: {name: Grafted, twigs: [Tulip]}\nclip: 2\nlabels: {a: 'null'}\ntitle: '1'")
            .config();

    assertThat(read(RecipeTree.toYaml(garden)).config()).isEqualTo(garden);
    assertThat(RecipeTree.toJson(garden).at("/plant/name").asText()).isEqualTo("Grafted");
    assertThat(RecipeTree.toJson(garden).at("/timeout").asText()).isEqualTo("30 s");
  }

  @Test
  void aConfigurationPrintedWithOriginsReadsBackToTheSameRecord() {
    Resolved<Garden> read =
        read("plant: {name: Grafted, twigs: [Tulip, Rose]}\nlabels: {a.b: 'x #y'}\n");

    String printed = OriginPrinter.print(read);

    assertThat(printed).contains("rate: 0.5").contains("# DEFAULTS").contains("# PAPER");
    assertThat(read(printed).config()).isEqualTo(read.config());
    assertThat(Arrays.stream(printed.split("\n")).filter(line -> line.contains("twigs")))
        .hasSize(1);
  }

  record Place(String path, Map<String, String> columns) {}

  private static Setting set(String text) {
    String[] parts = text.split("=", 2);
    return new Setting(parts[0], parts[1], "--set");
  }

  private static Recipe recipe(String yaml) {
    return new Recipe("conf/x.yaml", yaml);
  }

  private static Resolved<Garden> read(String yaml) {
    return RecipeReader.read(Garden.class, recipe(yaml), List.of());
  }
}
