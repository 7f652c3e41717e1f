package io.batchwright.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in docs/ reads with pyarrow what prepare wrote, and checks it against the plan. */
@Tag("slow")
class ReadBatchesTest {
  private static final String ROOT = System.getProperty("batchwright.root");

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    TestSession.open().stop();
  }

  @Test
  void anotherProgramReadsPlanAndShards() throws IOException, InterruptedException {
    assumeTrue(python("-c", "import pyarrow").code() == 0, "there is no python3 with pyarrow");
    Path out = folder.resolve("prepared");
    CommandLineRun run =
        CommandLineRun.of(
            "prepare",
            "--recipe",
            ROOT + "/conf/smoke.yaml",
            "--set",
            "corpus.sources.0.path=" + WordPairs.write(folder.resolve("pairs.jsonl")),
            "--set",
            "train.ranks=2",
            "--out",
            out);
    assertThat(run.code()).as(run.err()).isZero();
    Said said = python(ROOT + "/docs/read_batches.py", out.toString(), "1");
    assertThat(said.code()).as(said.text()).isZero();
    assertThat(said.text()).contains("epoch 1: ", "step 0: ", " samples, ", " tokens");
  }

  private record Said(int code, String text) {}

  private static Said python(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "python3";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new Said(127, e.getMessage());
    }
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Said(process.waitFor(), text);
  }
}
