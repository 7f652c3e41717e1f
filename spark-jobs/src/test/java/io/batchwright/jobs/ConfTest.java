package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.run.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ConfTest {
  private static final Path CONF = Path.of(System.getProperty("batchwright.root"), "conf");

  @TestFactory
  Stream<DynamicTest> everyRecipeIsReadByAJob() throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      List<Path> recipes =
          files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
      return recipes.stream()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> read(file)));
    }
  }

  private static void read(Path file) throws IOException {
    Recipe recipe = new Recipe("conf/" + file.getFileName(), Files.readString(file));
    List<String> refusals = new ArrayList<>();
    for (Job<?> job : Batchwright.JOBS) {
      try {
        assertThat(RecipeReader.read(job.configType(), recipe, List.of()).warnings()).isEmpty();
        return;
      } catch (BatchwrightException e) {
        refusals.add("as a recipe of " + job.name() + ": " + e.getMessage());
      }
    }
    assertThat(refusals).as("no job reads " + file).isEmpty();
  }
}
