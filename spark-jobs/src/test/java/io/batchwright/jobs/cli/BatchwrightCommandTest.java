package io.batchwright.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.ValidateJob;
import io.batchwright.jobs.run.LinesJob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchwrightCommandTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void helpListsTheJobsByGroup() {
    assertThat(run("--help")).isZero();
    assertThat(out()).contains("Everyday:", "  lines ", "  compare", "Help:", "  doctor");
    assertThat(run("lines", "--help")).isZero();
    assertThat(out()).contains("--recipe", "--set", "--print-config", "--min", "minLength");
  }

  @Test
  void anUnknownFlagOrJobIsAUsageError() {
    assertThat(run("linez")).isEqualTo(2);
    assertThat(run("lines", "--oout", "x")).isEqualTo(2);
    assertThat(run("lines", "--resume", "--overwrite", "--out", "x")).isEqualTo(2);
    assertThat(err()).contains("exclude each other").doesNotContain("\tat ");
  }

  @Test
  void flagsAreRecipeKeysWithTheirOwnOrigin() {
    int code =
        run(
            "lines",
            "--print-config",
            "--out",
            "o",
            "--min",
            "7",
            "--conf",
            "spark.x=z",
            "--limit",
            "5",
            "--set",
            "seed=3");

    assertThat(code).isZero();
    assertThat(out())
        .containsPattern("minLength: 7 +# --min")
        .containsPattern("spark.x: z +# --conf")
        .containsPattern("limit: 5 +# --limit")
        .containsPattern("seed: 3 +# --set");
  }

  @Test
  void mistakesInFlagsAndRecipeAreReportedTogether() throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "minLenght: 3\nseed: x\n");

    assertThat(run("lines", "--recipe", recipe.toString(), "--min", "-2", "--out", "o"))
        .isEqualTo(2);
    assertThat(err())
        .contains("3 problems")
        .contains("r.yaml:1: minLenght = 3: no such key; did you mean minLength?")
        .contains("r.yaml:2: seed = x: expected a whole number")
        .contains("--min: minLength = -2: must be at least 0");
  }

  @Test
  void anOutputFolderIsAskedFor() {
    assertThat(run("lines")).isEqualTo(2);
    assertThat(err()).contains("batchwright lines needs an output folder: give --out DIR.");
  }

  @Test
  void validatePrintsWhatWouldRun() throws IOException {
    Path input = Files.writeString(folder.resolve("lines.txt"), "x\n");

    assertThat(run("validate", "--set", "input=" + input)).isZero();
    assertThat(out()).contains("The recipe is sound.", input.toString(), "2/2 filter");
    assertThat(run("validate", "--set", "input=" + input + ".gone")).isEqualTo(2);
  }

  @Test
  void doctorSaysWhatIsThere() {
    assertThat(run("doctor")).isZero();
    assertThat(out()).contains("Java", "Spark", "Cores", "Memory", "Disk", "GPUs", "local[");
  }

  @Test
  void techniquesArePrinted() {
    assertThat(run("techniques")).isZero();
    assertThat(out()).contains("Optimizer", "AdamW");
  }

  @Test
  void compareShowsConfigLedgerMetricsAndPerQueryDifferences() throws IOException {
    Path a = runFolder("a", 0.9, 0.50, 0.2);
    Path b = runFolder("b", 0.8, 0.75, 0.6);

    assertThat(run("compare", a.toString(), b.toString())).isZero();
    assertThat(out())
        .containsPattern("beta1 +0.9 +0.8")
        .containsPattern("ndcg10 +0.500000 +0.750000 +\\+0.25")
        .contains("Ledger: the same")
        .containsPattern("model ndcg10 +\\+0.4000 .*B is better");
    assertThat(run("compare", a.toString(), folder.resolve("nothing").toString())).isEqualTo(2);
  }

  private Path runFolder(String name, double beta1, double ndcg, double score) throws IOException {
    Path dir = Files.createDirectories(folder.resolve(name + "/evaluation")).getParent();
    ObjectNode run = new ObjectMapper().createObjectNode();
    run.put("job", "pipeline").put("status", "done");
    run.putObject("config").put("beta1", beta1);
    run.withObject("/ledger/corpus").put("in", 3).put("out", 3).put("seconds", ndcg);
    run.putObject("metrics").put("ndcg10", ndcg);
    Files.writeString(dir.resolve("run.json"), run.toString());
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines.append(
          "{\"query_id\":\"q%d\",\"group_id\":\"g%d\",\"relevant\":1,\"model\":{\"ndcg10\":%s}}\n"
              .formatted(i, i % 5, score + 0.001 * i));
    }
    Files.writeString(dir.resolve("evaluation/per_query.jsonl"), lines);
    return dir;
  }

  private int run(String... arguments) {
    LinesJob lines = new LinesJob(stage -> {});
    return new BatchwrightCommand(List.of(lines, new ValidateJob<>(lines)), print(out), print(err))
        .run(arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
