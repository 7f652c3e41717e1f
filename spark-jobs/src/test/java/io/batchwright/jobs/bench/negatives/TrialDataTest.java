package io.batchwright.jobs.bench.negatives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.corpus.BeirFolder;
import io.batchwright.jobs.bench.BenchRecipe;
import io.batchwright.jobs.bench.TrialsRecipe;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.pipeline.PipelineRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialDataTest {
  private static final Path DATA =
      Path.of(
          System.getProperty(
              "batchwright.data", System.getProperty("batchwright.root", ".") + "/../shared/data"));

  @TempDir Path folder;

  @Test
  void aSetThatIsNotThereSaysWhatItNeeds() {
    for (TrialSet set : TrialSet.ALL) {
      if (set.data() instanceof JavadocData) {
        assertThat(set.data().missing(asked(""))).isEmpty();
      } else {
        assertThat(set.data().missing(asked("")).orElseThrow()).startsWith("needs --data DIR with");
        assertThat(set.data().missing(asked(folder.toString())).orElseThrow())
            .startsWith(folder + " holds no");
      }
    }
  }

  @Test
  void everyArmOfASetIsKnown() {
    List<String> known = Arm.ALL.stream().map(Arm::name).toList();
    assertThat(known).doesNotHaveDuplicates();
    for (TrialSet set : TrialSet.ALL) {
      assertThat(known).containsAll(set.arms());
      assertThat(set.arms()).contains(Arm.BASELINE);
    }
  }

  @Test
  void aTrainingHasEpochsEnoughForARefresh() {
    TrialSet nfcorpus = set("nfcorpus");
    // 1,500 steps of 64 pairs are less than an epoch of 99,500.
    assertThat(nfcorpus.steps(64, 99_500)).isEqualTo(3 * 1_554);
    assertThat(nfcorpus.steps(256, 99_500)).isEqualTo(1_500);
    assertThat(new Trials.Size(1_554, 99_500, 1, false).refreshes(64)).isFalse();
    assertThat(new Trials.Size(1_555, 99_500, 1, false).refreshes(64)).isTrue();
    assertThat(set("medquad").steps(256, 15_000)).isEqualTo(600);
  }

  @Test
  void armsOfAnEncoderHaveBaselinesOfLikeTimeAndEveryKindOfCluster() {
    assertThat(set("javadoc-encoder").arms())
        .contains("A0x2", "A11", "A1", "A2", "A3", Arm.PRIMARY, Arm.CONTROL);
  }

  @Test
  void whatWasTrainedAsAnEarlierControlIsNotTakenForTheNewOne() {
    Function<String, String> folders =
        arm ->
            new Trial("javadoc", 256, 480, arm, 0.001, 2)
                .folder("T")
                .toString()
                .replace("T/javadoc/batch-256-steps-480/", "");
    assertThat(folders.apply("C1")).isEqualTo("C1-bank/rate-0.001/seed-2");
    assertThat(folders.apply("C3")).isEqualTo("C1/rate-0.001/seed-2");
    assertThat(folders.apply("A0'")).isEqualTo("A0-prime/rate-0.001/seed-2");
    assertThat(Arm.ALL.stream().map(arm -> folders.apply(arm.name()))).doesNotHaveDuplicates();
  }

  @Test
  void pairsMinedByOtherRulesAreNotTakenForThoseOfToday() {
    for (String arm : List.of("A4", "A7", "A8", "A9", "A10", "A10'")) {
      assertThat(new Trial("javadoc", 256, 480, arm, 0.001, 2).folder("T").toString())
          .contains(arm.replace("'", "-prime") + "-by-text/");
    }
    assertThat(new Trial("javadoc", 256, 480, "A0", 0.001, 2).folder("T").toString())
        .endsWith("/A0/rate-0.001/seed-2");
  }

  @Test
  void seedsAfterOneThatIsMissingAreNotTakenForIt() throws IOException {
    Set<Long> there = Set.of(1L, 2L, 4L);
    assertThat(
            Trials.unbroken(5, seed -> there.contains(seed) ? Optional.of(seed) : Optional.empty()))
        .containsExactly(1L, 2L);
    assertThat(Trials.unbroken(1, Optional::of)).containsExactly(1L);
  }

  private static TrialSet set(String name) {
    return TrialSet.ALL.stream().filter(set -> set.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void articlesOfJaquadStandInOnePartAlone() throws IOException {
    JaquadData data = new JaquadData();
    written(data);
    Map<String, String> partOf = new HashMap<>();
    int questions = 0;
    for (String part : List.of("train", "tuning", "test")) {
      for (JsonNode line : JsonLinesFile.read(folder.resolve(part + ".jsonl"))) {
        String article = data.group(line.path("query_id").asText(), "");
        assertThat(partOf.putIfAbsent(article, part)).isIn(null, part);
        assertThat(line.at("/positive_passages/0/text").asText()).isNotBlank();
        questions++;
      }
    }
    assertThat(questions).isEqualTo(31_748);
    assertThat(partOf.values().stream().filter("test"::equals).count())
        .isBetween(partOf.size() / 15L, partOf.size() / 7L);
  }

  @Test
  void aQueryOfNfcorpusIsJudgedInOnePartAlone() throws IOException {
    NfcorpusData data = new NfcorpusData();
    PipelineRecipe recipe = written(data);
    assertThat(((BeirFolder) recipe.corpus().sources().get(0)).heldOut())
        .containsExactly("tuning", "dev");
    Set<String> asked = new HashSet<>();
    for (JsonNode query : JsonLinesFile.read(folder.resolve("queries.jsonl"))) {
      asked.add(query.path("_id").asText());
    }
    Set<String> train = judged("train");
    Set<String> tuning = judged("tuning");
    assertThat(asked).containsAll(train).containsAll(tuning).containsAll(judged("dev"));
    assertThat(train.size() + tuning.size()).isEqualTo(2_590);
    assertThat(tuning).hasSizeBetween(150, 350).allMatch(id -> data.tunes(id, "nfcorpus"));
    assertThat(train).noneMatch(id -> data.tunes(id, "nfcorpus"));
  }

  @Test
  void copiesOfMedquadSayTheSameUnderAnotherId() throws IOException {
    MedquadData data = new MedquadData(10);
    written(data);
    Map<String, MedquadData.Answer> answers = MedquadData.answers(folder);
    List<JsonNode> lines = JsonLinesFile.read(folder.resolve("train.jsonl"));
    long copies =
        lines.stream().filter(line -> line.path("query_id").asText().endsWith("~copy")).count();
    assertThat((double) copies / (lines.size() - copies)).isBetween(0.08, 0.12);
    for (JsonNode line : lines) {
      JsonNode answer = line.at("/positive_passages/0");
      MedquadData.Answer known = answers.get(answer.path("docid").asText());
      assertThat(known.text()).isEqualTo(answer.path("text").asText().strip());
      assertThat(known.meaning()).startsWith(known.text());
    }
    assertThat(Files.exists(folder.resolve("tuning.jsonl"))).isTrue();
  }

  private Set<String> judged(String part) throws IOException {
    Set<String> queries = new HashSet<>();
    for (String line : Files.readAllLines(folder.resolve("qrels/" + part + ".tsv"))) {
      if (!line.startsWith("query-id")) {
        queries.add(line.substring(0, line.indexOf('\t')));
      }
    }
    return queries;
  }

  private PipelineRecipe written(TrialData data) throws IOException {
    assumeTrue(data.missing(asked(DATA.toString())).isEmpty(), "the data set is not there");
    String recipe = data.recipe(asked(DATA.toString()), folder, 64) + Network.STATIC.train();
    return RecipeReader.read(PipelineRecipe.class, new Recipe("test", recipe), List.of()).config();
  }

  private static BenchRecipe asked(String data) {
    BenchRecipe defaults = BenchRecipe.DEFAULTS;
    return new BenchRecipe(
        defaults.run(),
        defaults.seed(),
        "negatives",
        defaults.tier(),
        1,
        "",
        data,
        List.of(),
        TrialsRecipe.DEFAULTS);
  }
}
