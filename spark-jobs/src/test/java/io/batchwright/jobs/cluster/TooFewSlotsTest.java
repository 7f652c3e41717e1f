package io.batchwright.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.config.Setting;
import io.batchwright.jobs.pipeline.PipelineJob;
import io.batchwright.jobs.run.Invocation;
import io.batchwright.jobs.run.JobRunner;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TooFewSlotsTest {
  @TempDir private Path folder;

  @Test
  void twoRanksOnOneSlotEndWithExitCodeFourBeforeAnythingIsRead() throws Exception {
    Path recipe = SmallRun.write(folder, SmallRun.trainingRecipe(folder));
    Path out = folder.resolve("out");
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
    List<Setting> flags =
        List.of(
            Setting.text("run.master", "local[1]", "--master"),
            Setting.text("run.out", out.toString(), "--out"));

    int exitCode =
        new JobRunner(stream, stream, Clock.systemUTC())
            .run(PipelineJob.train(), new Invocation(recipe.toString(), flags, false));

    assertThat(exitCode).isEqualTo(4);
    assertThat(console.toString(StandardCharsets.UTF_8))
        .contains("2 ranks need 2 free task slots, but Spark offers 1.", "--master 'local[2]'");
    JsonNode record = SmallRun.record(out);
    assertThat(record.path("status").asText()).isEqualTo("failed");
    assertThat(record.path("exit_code").asInt()).isEqualTo(4);
    assertThat(record.path("ledger")).isEmpty();
  }
}
