package io.batchwright.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Similarity and recall against the exact Jaccard of all pairs of the ScanCode licence rules. */
class LicensesTruthTest {
  private static final Path DATA =
      Path.of(
              System.getProperty(
                  "batchwright.data",
                  System.getProperty("batchwright.root", ".") + "/../shared/data"))
          .resolve("licenses-scancode");

  @Test
  void similarityIsTheTruthAndRecallFollowsTheCurve() throws IOException {
    assumeTrue(
        Files.isDirectory(DATA),
        () -> "no licenses-scancode at " + DATA + " (set batchwright.data)");
    Map<String, String> texts = new HashMap<>();
    read("labels.jsonl.gz", "L:", "key", texts);
    read("rules.train_dev.jsonl.gz", "R:", "id", texts);
    MinHashLsh lsh = MinHashLsh.PAPER;
    Map<String, long[]> sets = new HashMap<>();
    Map<String, long[]> keys = new HashMap<>();
    long[] pairs = new long[6];
    long[] hits = new long[6];
    double[] expected = new double[6];
    long compared = 0;
    long exact = 0;
    try (BufferedReader reader = open("jaccard_pairs_ge0.5.tsv.gz")) {
      reader.readLine();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] cells = line.split("\t");
        String a = texts.get(cells[0]);
        String b = texts.get(cells[1]);
        if (a == null || b == null) {
          continue;
        }
        double truth = Double.parseDouble(cells[2]);
        double similarity = Shingles.jaccard(set(cells[0], a, sets), set(cells[1], b, sets));
        compared++;
        exact += Math.abs(similarity - truth) < 6e-4 ? 1 : 0;
        int bin = Math.min(5, (int) ((similarity - 0.5) * 10 + 1e-9));
        if (bin < 0) {
          continue;
        }
        pairs[bin]++;
        expected[bin] += lsh.recallAt(similarity);
        long[] left = keys(cells[0], a, keys);
        long[] right = keys(cells[1], b, keys);
        for (int band = 0; band < left.length; band++) {
          if (left[band] == right[band]) {
            hits[bin]++;
            break;
          }
        }
      }
    }
    System.out.printf(
        "licenses-scancode: %,d pairs, %,d with the true similarity%n", compared, exact);
    for (int bin = 0; bin < 6; bin++) {
      System.out.printf(
          "  J >= %.1f: %,d pairs, recall %.4f, curve %.4f%n",
          0.5 + bin / 10.0,
          pairs[bin],
          (double) hits[bin] / pairs[bin],
          expected[bin] / pairs[bin]);
    }
    assertThat((double) exact / compared).isGreaterThan(0.99);
    assertThat((double) (hits[3] + hits[4]) / (pairs[3] + pairs[4])).isGreaterThan(0.95);
    assertThat((double) hits[3] / pairs[3]).isCloseTo(expected[3] / pairs[3], within(0.03));
  }

  private static long[] set(String id, String text, Map<String, long[]> sets) {
    return sets.computeIfAbsent(id, key -> MinHashLsh.PAPER.shingles().of(text));
  }

  private static long[] keys(String id, String text, Map<String, long[]> keys) {
    return keys.computeIfAbsent(
        id, key -> SignatureScheme.bandKeys(MinHashLsh.PAPER.scheme().signature(text), 16, 8, 0));
  }

  private static void read(String file, String prefix, String key, Map<String, String> texts)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (BufferedReader reader = open(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        JsonNode node = json.readTree(line);
        texts.put(prefix + node.path(key).asText(), node.path("text").asText(""));
      }
    }
  }

  private static BufferedReader open(String file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(DATA.resolve(file))), StandardCharsets.UTF_8));
  }
}
