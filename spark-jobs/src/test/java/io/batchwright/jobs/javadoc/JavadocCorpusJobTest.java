package io.batchwright.jobs.javadoc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.CommandRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavadocCorpusJobTest {
  @TempDir Path folder;

  @Test
  void jarsBecomeDocumentsQueriesAndJudgementsWithABalancedLedger() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(jars.resolve("small-1.0-sources.jar")))) {
      zip.putNextEntry(new ZipEntry("a/Good.java"));
      zip.write(
          """
          package a;
          class Good {
            /** Reverses the order of the given array in place. */
            void reverse(int[] array) { swap(array, 0); }
            /** Returns the value. */
            int value() { return 1; }
          }
          """
              .getBytes(StandardCharsets.UTF_8));
    }
    Path out = folder.resolve("out");

    CommandRun run =
        CommandRun.of(
            "javadoc-corpus", "--jars", jars + "", "--master", "local[2]", "--out", out + "");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("of 1 artifacts, 1 queries");
    JsonNode record = CommandRun.record(out);
    assertThat(record.path("status").asText()).isEqualTo("done");
    JsonNode ledger = record.at("/ledger/corpus");
    assertThat(ledger.path("in").asLong() + ledger.path("expanded").asLong())
        .isEqualTo(
            ledger.path("out").asLong()
                + sum(ledger.path("dropped"))
                + sum(ledger.path("quarantined")));
    for (String table : new String[] {"documents", "queries", "qrels"}) {
      assertThat(out.resolve("tables/" + table + "/_manifest.json")).exists();
    }
  }

  @Test
  void rowLimitsAreRefused() {
    CommandRun run =
        CommandRun.of(
            "javadoc-corpus", "--jars", folder + "", "--limit", "5", "--out", folder + "/o");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("reads whole jars");
  }

  private static long sum(JsonNode counts) {
    long sum = 0;
    for (JsonNode count : counts) {
      sum += count.asLong();
    }
    return sum;
  }
}
