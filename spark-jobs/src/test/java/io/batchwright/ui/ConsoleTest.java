package io.batchwright.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void withoutATerminalEachStagePrintsItsResultAlone() {
    Console console = new Console(out, false);
    StageDisplay stage = console.stage(2, 7, "duplicates");
    stage.expect(100, "rows");
    stage.advance(50);
    console.line("between");
    stage.finished("removed 9,874 (13.1 %)", 12.34);
    stage.close();

    assertThat(printed())
        .isEqualTo("between\n2/7 duplicates     removed 9,874 (13.1 %)  (12.3 s)\n");
  }

  @Test
  void aStageThatFailsSaysThatItStopped() {
    Console console = new Console(out, false);
    console.stage(1, 0, "corpus").close();

    assertThat(printed()).isEqualTo("1 corpus  stopped\n");
  }

  @Test
  void onATerminalTheBarIsRedrawnBelowOtherLines() {
    Console console = new Console(out, true);
    try (StageDisplay stage = console.stage(1, 2, "corpus")) {
      stage.expect(200, "rows");
      stage.reach(50);
      console.line("a line");
      stage.finished("200 rows", 1);
    }

    assertThat(printed()).contains("a line\n\r\u001b[K1/2 corpus").contains("25 %  50/200 rows");
    assertThat(printed()).endsWith("1/2 corpus         200 rows  (1.0 s)\n");
  }

  @Test
  void theBarShowsShareRateAndRemainingTime() {
    assertThat(ProgressBar.render("3/7 train", 250, 1000, "steps", 50, "loss 2.31"))
        .isEqualTo(
            "3/7 train          [######..................]  25 %  250/1,000 steps  5.0/s  2:30 left"
                + "  loss 2.31");
  }

  @Test
  void aBarWithoutATotalShowsTheTime() {
    assertThat(ProgressBar.render("1/7 corpus", 0, 0, "", 3725, ""))
        .isEqualTo("1/7 corpus         [........................] 1:02:05");
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
