package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
  private static final byte[] CONTENT = "kept\nfor later\n".getBytes(StandardCharsets.US_ASCII);
  @TempDir Path folder;

  @Test
  void whatWasKeptComesBackAndNothingElseLies() throws IOException {
    CacheFolder cache = new CacheFolder(folder.resolve("new/caches"));
    assertThat(cache.read("some.txt")).isEmpty();
    cache.write("some.txt", new byte[] {1});
    cache.write("some.txt", CONTENT);
    assertThat(cache.read("some.txt")).contains(CONTENT);
    try (var files = Files.list(folder.resolve("new/caches"))) {
      assertThat(files).containsExactly(folder.resolve("new/caches/some.txt"));
    }
  }

  @Test
  void aBrokenFileIsAsGoodAsNone() throws IOException {
    CacheFolder cache = new CacheFolder(folder);
    cache.write("some.txt", CONTENT);
    Path file = folder.resolve("some.txt");
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 2]++;
    Files.write(file, whole);
    assertThat(cache.read("some.txt")).isEmpty();
    for (String text : new String[] {"", "short", "x".repeat(100)}) {
      Files.writeString(file, text);
      assertThat(cache.read("some.txt")).isEmpty();
    }
    cache.write("some.txt", CONTENT);
    assertThat(cache.read("some.txt")).contains(CONTENT);
  }

  @Test
  void aFolderThatCannotBeWrittenKeepsNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("a file"), "in the way");
    CacheFolder cache = new CacheFolder(file);
    cache.write("some.txt", CONTENT);
    assertThat(cache.read("some.txt")).isEmpty();
    CacheFolder.NONE.write("some.txt", CONTENT);
    assertThat(CacheFolder.NONE.read("some.txt")).isEmpty();
  }
}
