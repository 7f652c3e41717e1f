package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchwright.data.dedup.Deduplicate;
import io.batchwright.data.dedup.MinHashLsh;
import io.batchwright.data.dedup.Scope;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.config.Resolved;
import io.batchwright.jobs.pipeline.PipelineRecipe;
import io.batchwright.train.graph.ParameterGroup;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ConfTest {
  private static final Path CONF = Path.of(System.getProperty("batchwright.root"), "conf");

  @TestFactory
  Stream<DynamicTest> everyRecipeIsReadWithoutAWarning() throws IOException {
    return files(".yaml").stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(),
                    () -> {
                      Resolved<PipelineRecipe> recipe = read(file);
                      assertThat(recipe.warnings()).isEmpty();
                      assertThat(recipe.config().corpus().sources()).isNotEmpty();
                    }));
  }

  @Test
  void recipesThatTrainOnAUsersOwnDataHoldSomethingOut() throws IOException {
    for (String name : List.of("quickstart", "pairs", "triplets", "beir", "smoke")) {
      assertThat(read(CONF.resolve(name + ".yaml")).config().holdsOut()).as(name).isTrue();
    }
  }

  @Test
  void theSlimPajamaRecipeIsTheConstantOfThatName() throws IOException {
    Deduplicate recipe = read(CONF.resolve("dedup-slimpajama.yaml")).config().deduplicate();
    assertThat(recipe)
        .isEqualTo(Deduplicate.DEFAULTS.with(List.of(MinHashLsh.SLIMPAJAMA)).in(Scope.GLOBAL));
  }

  @TestFactory
  Stream<DynamicTest> everySparkDefaultsFileIsOneThatSparkReads() throws IOException {
    return files(".conf").stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(),
                    () -> {
                      Properties settings = new Properties();
                      try (Reader in = Files.newBufferedReader(file)) {
                        settings.load(in);
                      }
                      SparkConf conf = new SparkConf(false);
                      settings.forEach((key, value) -> conf.set((String) key, ((String) value)));
                      assertThat(conf.getAll()).isNotEmpty();
                      assertThat(settings.stringPropertyNames())
                          .allMatch(key -> key.startsWith("spark."));
                      assertThat(settings.values().stream().map(String::valueOf))
                          .allMatch(value -> value.equals(value.strip()) && !value.contains("#"));
                      assertThat(conf.getBoolean("spark.job.interruptOnCancel", false)).isTrue();
                      assertThat(conf.getTimeAsSeconds("spark.barrier.sync.timeout", "365d"))
                          .isLessThanOrEqualTo(600);
                    }));
  }

  /** The example that stands as a comment in conf/finetune-encoder.yaml. */
  @Test
  void parameterGroupsAreReadWithTheirDefaults() throws IOException {
    String commented =
        Files.readAllLines(CONF.resolve("finetune-encoder.yaml")).stream()
            .filter(line -> line.startsWith("  # parameterGroups:"))
            .findFirst()
            .orElseThrow();
    Recipe recipe = new Recipe("groups", "train:\n" + commented.replace("# ", ""));
    assertThat(
            RecipeReader.read(PipelineRecipe.class, recipe, List.of())
                .config()
                .train()
                .parameterGroups())
        .containsExactly(new ParameterGroup("embeddings", "embeddings\\..*", 1, 1, true));
    Recipe wrong = new Recipe("wrong", "train:\n  parameterGroups: [{rateFactor: -1}]");
    assertThatThrownBy(() -> RecipeReader.read(PipelineRecipe.class, wrong, List.of()))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("train.parameterGroups[0].rateFactor");
  }

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      List<Path> found = files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
      assertThat(found).isNotEmpty();
      return found;
    }
  }

  private static Resolved<PipelineRecipe> read(Path file) throws IOException {
    Recipe recipe = new Recipe("conf/" + file.getFileName(), Files.readString(file));
    return RecipeReader.read(PipelineRecipe.class, recipe, List.of());
  }
}
