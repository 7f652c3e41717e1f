package io.batchwright.train.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A test collection in BEIR layout, as tests need it. */
record BeirFolder(
    Map<String, String> documents, Map<String, String> queries, List<String[]> qrels) {

  /** The folder of shared data sets beside or inside the checkout, where there is one. */
  static Optional<Path> find(String collection) {
    Path root = Path.of(System.getProperty("batchwright.root", "."));
    return Stream.of(root.resolve("shared"), root.resolveSibling("shared"))
        .map(shared -> shared.resolve("data/retrieval-en").resolve(collection))
        .filter(Files::isDirectory)
        .findFirst();
  }

  static BeirFolder read(Path folder, String split) throws IOException {
    Map<String, String> documents = texts(folder.resolve("corpus.jsonl.gz"));
    Map<String, String> queries = texts(folder.resolve("queries.jsonl.gz"));
    List<String[]> qrels = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("qrels/" + split + ".tsv"))) {
      if (!line.startsWith("query-id")) {
        qrels.add(line.split("\t"));
      }
    }
    return new BeirFolder(documents, queries, qrels);
  }

  RetrievalTask task() {
    List<String> asked = qrels.stream().map(line -> line[0]).distinct().toList();
    Ids queryIds = Ids.of(asked);
    Ids documentIds = Ids.of(List.copyOf(documents.keySet()));
    Qrels.Builder judged = Qrels.builder(queryIds, documentIds);
    qrels.forEach(line -> judged.add(line[0], line[1], Integer.parseInt(line[2])));
    return new RetrievalTask(
        documentIds,
        List.copyOf(documents.values()),
        queryIds,
        asked.stream().map(queries::get).toList(),
        asked,
        judged.build());
  }

  private static Map<String, String> texts(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Map<String, String> texts = new LinkedHashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode row = json.readTree(line);
        String title = row.path("title").asText("");
        texts.put(row.get("_id").asText(), (title + " " + row.get("text").asText("")).strip());
      }
    }
    return texts;
  }
}
