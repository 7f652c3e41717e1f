package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
  private static final byte[] CONTENT = "kept\nfor later\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER = {1, 2, 3};
  @TempDir Path folder;

  @Test
  void whatWasKeptComesBackAndNothingElseLies() throws IOException {
    CacheFolder cache = new CacheFolder(folder.resolve("new/caches"));
    assertThat(cache.read("some.txt")).isEmpty();
    assertThat(keep(cache, CONTENT)).isEmpty();
    assertThat(cache.read("some.txt")).contains(CONTENT);
    try (var files = Files.list(folder.resolve("new/caches"))) {
      assertThat(files).containsExactly(folder.resolve("new/caches/some.txt"));
    }
  }

  @Test
  void ofTwoThatMakeTheSameTheFirstKeepsItsOwnAndTheOtherTakesIt() throws IOException {
    CacheFolder one = new CacheFolder(folder);
    CacheFolder other = new CacheFolder(folder);
    assertThat(one.read("some.txt")).isEmpty();
    assertThat(other.read("some.txt")).isEmpty();
    assertThat(keep(one, CONTENT)).isEmpty();
    assertThat(keep(other, OTHER)).contains(CONTENT);
    assertThat(new CacheFolder(folder).read("some.txt")).contains(CONTENT);
    assertThat(other.keep("some.txt", OTHER, content -> content.length == OTHER.length))
        .as("the first's is of no use")
        .isEmpty();
    assertThat(one.read("some.txt")).contains(OTHER);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("some.txt"));
    }
  }

  @Test
  void manyAtOnceAgree() throws Exception {
    int count = 8;
    CyclicBarrier together = new CyclicBarrier(count);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      for (int round = 0; round < 20; round++) {
        String name = "round " + round;
        List<Future<byte[]>> used = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          byte[] own = {(byte) i};
          used.add(
              threads.submit(
                  () -> {
                    together.await();
                    return new CacheFolder(folder).keep(name, own, content -> true).orElse(own);
                  }));
        }
        byte[] kept = used.get(0).get();
        for (Future<byte[]> each : used) {
          assertThat(each.get()).isEqualTo(kept);
        }
        assertThat(new CacheFolder(folder).read(name)).contains(kept);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aBrokenFileIsAsGoodAsNone() throws IOException {
    CacheFolder cache = new CacheFolder(folder);
    keep(cache, CONTENT);
    Path file = folder.resolve("some.txt");
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 2]++;
    Files.write(file, whole);
    assertThat(cache.read("some.txt")).isEmpty();
    for (String text : new String[] {"", "short", "x".repeat(100)}) {
      Files.writeString(file, text);
      assertThat(cache.read("some.txt")).isEmpty();
      assertThat(keep(cache, CONTENT)).isEmpty();
      assertThat(cache.read("some.txt")).contains(CONTENT);
    }
  }

  @Test
  void aFolderThatCannotBeWrittenKeepsNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("a file"), "in the way");
    CacheFolder cache = new CacheFolder(file);
    assertThat(keep(cache, CONTENT)).isEmpty();
    assertThat(cache.read("some.txt")).isEmpty();
    assertThat(keep(CacheFolder.NONE, CONTENT)).isEmpty();
    assertThat(CacheFolder.NONE.read("some.txt")).isEmpty();
  }

  private static Optional<byte[]> keep(CacheFolder cache, byte[] content) {
    return cache.keep("some.txt", content, other -> true);
  }
}
