package io.batchwright.data.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReasonTest {
  @TempDir Path folder;

  @Test
  void fileAndReasonAreNamedWhateverTheExceptionSays() {
    Path missing = folder.resolve("missing");
    IOException absent = catchThrowableOfType(IOException.class, () -> Files.readAllBytes(missing));
    assertThat(absent).hasMessage(missing.toString());
    assertThat(FileReason.of(absent)).isEqualTo(missing + ": there is no such file");

    IOException directory =
        catchThrowableOfType(IOException.class, () -> Files.readAllBytes(folder));
    assertThat(directory).hasMessage("Is a directory");
    assertThat(FileReason.of(folder, directory)).isEqualTo(folder + ": Is a directory");

    assertThat(FileReason.of(folder, new AccessDeniedException(missing.toString())))
        .isEqualTo(missing + ": permission denied");
    assertThat(FileReason.of(folder, new IOException(missing + ": truncated")))
        .isEqualTo(missing + ": truncated");
    assertThat(FileReason.of(folder, new IOException()))
        .isEqualTo(folder + ": java.io.IOException");
  }
}
