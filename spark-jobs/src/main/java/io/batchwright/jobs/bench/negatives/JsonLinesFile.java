package io.batchwright.jobs.bench.negatives;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Local files of one JSON object a line. */
final class JsonLinesFile {
  static final ObjectMapper JSON = new ObjectMapper();

  private JsonLinesFile() {}

  /** All lines of a file, which is gzipped where its name says so. */
  static List<String> lines(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean gzipped = file.toString().endsWith(".gz");
    try (var in = Files.newInputStream(file);
        var plain = gzipped ? new GZIPInputStream(in) : in;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    }
    return lines;
  }

  static List<JsonNode> read(Path file) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : lines(file)) {
      nodes.add(JSON.readTree(line));
    }
    return nodes;
  }

  static void write(Path file, List<? extends JsonNode> nodes) throws IOException {
    Files.createDirectories(file.getParent());
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (JsonNode node : nodes) {
        out.write(JSON.writeValueAsString(node));
        out.write('\n');
      }
    }
  }
}
