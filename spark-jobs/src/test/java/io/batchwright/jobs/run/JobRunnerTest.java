package io.batchwright.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.TestSession;
import io.batchwright.jobs.config.Setting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobRunnerTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<String> ran = new ArrayList<>();
  private Path dir;

  @BeforeEach
  void writeInput() throws IOException {
    Files.writeString(folder.resolve("lines.txt"), "a\nbb\nccc\ndddd\n");
    dir = folder.resolve("out");
  }

  @BeforeAll
  static void openSession() {
    TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    TestSession.open().stop();
  }

  @Test
  void aRunLeavesTablesMarkersLedgerAndMetrics() throws IOException {
    assertThat(run()).isZero();

    ObjectNode record = record();
    assertThat(record.path("schema").asInt()).isEqualTo(1);
    assertThat(record.path("status").asText()).isEqualTo("done");
    assertThat(record.path("exit_code").asInt()).isZero();
    assertThat(record.path("attempts").asInt()).isEqualTo(1);
    assertThat(record.at("/ledger/filter/in").asLong()).isEqualTo(4);
    assertThat(record.at("/ledger/filter/out").asLong()).isEqualTo(2);
    assertThat(record.at("/ledger/filter/dropped/short").asLong()).isEqualTo(2);
    assertThat(record.at("/metrics/kept_share").asDouble()).isEqualTo(0.5);
    assertThat(record.at("/metrics").has("nothing")).isFalse();
    assertThat(record.at("/not_measured/nothing").asText()).isEqualTo("the result was NaN");
    assertThat(record.at("/artifacts/kept").asText()).isEqualTo("tables/kept");
    assertThat(record.at("/config/minLength").asInt()).isEqualTo(3);
    assertThat(record.at("/environment/spark").asText()).startsWith("4.");
    assertThat(record.path("config_sha256").asText()).hasSize(64);
    assertThat(record.path("data_fingerprint").asText()).hasSize(64);
    assertThat(dir.resolve("stages/01-read.json")).exists();
    assertThat(dir.resolve("stages/02-filter.json")).exists();
    assertThat(dir.resolve("tables/kept/_manifest.json")).exists();
    assertThat(dir.resolve("logs/batchwright.log")).exists();
    assertThat(text(out)).contains("1/2 read", "4 lines", "2/2 filter", "2 kept");
    assertThat(text(err)).isEmpty();
  }

  @Test
  void theSameRunAgainDoesNothing() throws IOException {
    run();
    String first = record().toString();
    ran.clear();

    assertThat(run()).isZero();
    assertThat(ran).isEmpty();
    assertThat(record()).hasToString(first);
    assertThat(text(out)).contains("Nothing to do");
  }

  @Test
  void aFailedRunIsRecordedAndGoesOnWithResumeOnly() throws IOException {
    LinesJob failing =
        new LinesJob(
            stage -> {
              if (stage.equals("filter")) {
                throw new IllegalArgumentException("the filter broke");
              }
            });

    assertThat(run(failing)).isEqualTo(1);
    assertThat(text(err))
        .contains("Unexpected failure: IllegalArgumentException: the filter broke")
        .contains("The stack trace is in ")
        .doesNotContain("\tat ");
    assertThat(record().path("status").asText()).isEqualTo("failed");
    assertThat(record().path("error").asText()).contains("the filter broke");
    assertThat(record().at("/ledger").has("read")).isTrue();
    assertThat(Files.readString(dir.resolve("logs/batchwright.log"))).contains("\tat ");
    String id = record().path("run_id").asText();

    assertThat(run()).isEqualTo(2);
    assertThat(text(err)).contains("unfinished run of the same recipe (failed)", "--resume");

    ran.clear();
    assertThat(run(setting("run.onExisting", "resume"))).isZero();
    assertThat(ran).containsExactly("filter");
    assertThat(record().path("run_id").asText()).isEqualTo(id);
    assertThat(record().path("attempts").asInt()).isEqualTo(2);
    assertThat(record().path("resumed_from").asText()).isEqualTo("attempt 1");
    assertThat(record().at("/ledger/read/in").asLong()).isEqualTo(4);
    assertThat(text(out)).contains("done before, skipped");
  }

  @Test
  void aDamagedTableIsMadeAgainOnResume() throws IOException {
    run(
        new LinesJob(
            stage -> {
              if (stage.equals("filter")) {
                throw new IllegalArgumentException("no");
              }
            }));
    try (Stream<Path> files = Files.list(dir.resolve("tables/lines"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Files.delete(file);
      }
    }
    ran.clear();

    assertThat(run(setting("run.onExisting", "resume"))).isZero();
    assertThat(ran).containsExactly("read", "filter");
  }

  @Test
  void anotherConfigurationIsRefusedNamingTheKeys() throws IOException {
    run();

    assertThat(run(setting("minLength", "1"))).isEqualTo(2);
    assertThat(text(err)).contains("minLength: 3 there, 1 now").contains("--overwrite");
    assertThat(record().at("/config/minLength").asInt()).isEqualTo(3);
  }

  @Test
  void changedInputIsAnotherRun() throws IOException {
    run();
    Files.writeString(folder.resolve("lines.txt"), "something else\n");

    assertThat(run()).isEqualTo(2);
    assertThat(text(err)).contains("input: files were added, removed or changed");
  }

  @Test
  void overwriteReplacesTheOldRunOnlyOnceTheNewOneIsComplete() throws IOException {
    run();
    Setting overwrite = setting("run.onExisting", "overwrite");
    LinesJob failing =
        new LinesJob(
            stage -> {
              throw new IllegalArgumentException("no");
            });

    assertThat(run(failing, overwrite, setting("minLength", "1"))).isEqualTo(1);
    assertThat(record().at("/config/minLength").asInt()).isEqualTo(3);
    assertThat(record().path("status").asText()).isEqualTo("done");

    assertThat(run(overwrite, setting("minLength", "1"))).isZero();
    assertThat(record().at("/config/minLength").asInt()).isEqualTo(1);
    assertThat(dir.resolveSibling("out.new")).doesNotExist();
  }

  @Test
  void aFolderThatIsNotOursIsLeftAlone() throws IOException {
    Files.createDirectories(dir);
    Files.writeString(dir.resolve("thesis.tex"), "precious");

    assertThat(run(setting("run.onExisting", "overwrite"))).isEqualTo(2);
    assertThat(text(err)).contains("was not written by Batchwright");
    assertThat(dir.resolve("thesis.tex")).hasContent("precious");
  }

  @Test
  void aLedgerThatDoesNotBalanceFailsTheRun() throws IOException {
    assertThat(run(setting("lost", "1"))).isEqualTo(3);
    assertThat(text(err)).contains("The ledger of stage filter does not balance");
    assertThat(record().path("exit_code").asInt()).isEqualTo(3);
    assertThat(dir.resolve("stages/02-filter.json")).doesNotExist();
  }

  @Test
  void aMissingInputIsToldBeforeAnythingStarts() {
    assertThat(run(setting("input", folder.resolve("nowhere.txt").toString()))).isEqualTo(2);
    assertThat(text(err)).contains("There is no such input").contains("nowhere.txt");
    assertThat(dir).doesNotExist();
  }

  @Test
  void aFolderWithoutWritePermissionIsToldInOneSentence() throws IOException {
    Files.writeString(folder.resolve("file"), "");

    assertThat(run(setting("run.out", folder.resolve("file/out").toString()))).isEqualTo(4);
    assertThat(text(err)).contains("Cannot").doesNotContain("\tat ");
  }

  @Test
  void aDryRunWritesBesideAndLeavesTheRealOutputAlone() throws IOException {
    run();
    assertThat(run(setting("run.dryRun", "true"))).isZero();
    assertThat(run(setting("run.dryRun", "true"))).isZero();
    assertThat(folder.resolve("out-dry-run/run.json")).exists();
  }

  @Test
  void aSecondProcessIsKeptOut() throws Exception {
    List<Integer> codes = new ArrayList<>();
    LinesJob meddling =
        new LinesJob(
            stage -> {
              if (stage.equals("read")) {
                codes.add(run(setting("run.onExisting", "resume")));
              }
            });

    assertThat(run(meddling)).isZero();
    assertThat(codes).containsExactly(4);
    assertThat(text(err)).contains("Another Batchwright process is writing");
  }

  @Test
  void printConfigRunsNothing() {
    Invocation invocation = new Invocation("", List.of(out(), input()), true);
    assertThat(runner().run(job(), invocation)).isZero();
    assertThat(text(out)).contains("minLength: 3").contains("# DEFAULTS");
    assertThat(dir).doesNotExist();
  }

  private LinesJob job() {
    return new LinesJob(ran::add);
  }

  private int run(Setting... settings) {
    return run(job(), settings);
  }

  private int run(LinesJob job, Setting... settings) {
    List<Setting> all = new ArrayList<>(List.of(out(), input()));
    all.add(setting("run.master", "local[2]"));
    all.add(setting("run.spark.spark.sql.shuffle.partitions", "2"));
    all.addAll(List.of(settings));
    return runner().run(job, new Invocation("", all, false));
  }

  private JobRunner runner() {
    return new JobRunner(print(out), print(err), Clock.systemUTC());
  }

  private Setting out() {
    return setting("run.out", dir.toString());
  }

  private Setting input() {
    return setting("input", folder.resolve("lines.txt").toString());
  }

  private ObjectNode record() throws IOException {
    return RunRecord.read(new org.apache.hadoop.fs.Path(dir.toString()), new Configuration())
        .orElseThrow();
  }

  private static Setting setting(String key, String value) {
    return new Setting(key, value, "--set");
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
