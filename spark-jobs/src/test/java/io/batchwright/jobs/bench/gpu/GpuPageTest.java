package io.batchwright.jobs.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuPageTest {
  @TempDir Path folder;

  @Test
  void tablesOfChoicesStandOnThePageAndSettingsDoNot() throws IOException {
    GpuPage page = new GpuPage(folder.resolve("page"));
    page.choices("float32", "own");
    page.choices("own or cublas", "a table\nF32 nt 1 1 1 own 1 2\n");
    page.choices("cpu", "");
    page.write();
    assertThat(Files.readString(page.file()))
        .isEqualTo(
            "\n## Who multiplies what, own or cublas\n\n```\na table\nF32 nt 1 1 1 own 1 2\n```\n");
  }
}
