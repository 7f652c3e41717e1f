package io.batchwright.jobs.bench.negatives;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.jobs.bench.BenchRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.openhft.hashing.LongHashFunction;

/** JaQuAD: Japanese questions search for the paragraphs that answer them. */
record JaquadData() implements TrialData {
  private static final String CORPUS = "jaquad/corpus.train.jsonl.gz";
  private static final String QUERIES = "jaquad/queries.train.jsonl.gz";

  /** Parts, each a source of its own. */
  private static final List<String> PARTS = List.of("train", "tuning", "test");

  @Override
  public String name() {
    return "jaquad";
  }

  @Override
  public String description() {
    return "JaQuAD's training part (CC BY-SA 3.0): Japanese questions and paragraphs; a tenth of the"
        + " articles is the test, a twentieth tunes, groups are articles";
  }

  @Override
  public Optional<String> missing(BenchRecipe asked) {
    Path queries = Path.of(asked.data(), QUERIES);
    return asked.data().isEmpty()
        ? Optional.of("needs --data DIR with " + QUERIES)
        : Files.isRegularFile(queries)
            ? Optional.empty()
            : Optional.of(asked.data() + " holds no " + QUERIES);
  }

  @Override
  public String recipe(BenchRecipe asked, Path folder, int maxTokens) throws IOException {
    if (!Files.isRegularFile(file(folder, PARTS.get(2)))) {
      write(Path.of(asked.data()), folder);
    }
    List<String> sources = new ArrayList<>();
    for (String part : PARTS) {
      sources.add(
          "{name: TevatronJsonLines, path: '%s', source: %s}".formatted(file(folder, part), part));
    }
    return """
        corpus: {sources: [%s]}
        deduplicate: {deduplicators: [{name: ExactHash}]}
        split: {heldOut: [tuning, test], validationShare: 0}
        tokens: {tokenizer: {name: WordPiece, vocabularySize: 30522, minCount: 2}, tokenize: {maxTokens: %d}}
        """
        .formatted(String.join(", ", sources), maxTokens);
  }

  private static Path file(Path folder, String part) {
    return folder.resolve(part + ".jsonl");
  }

  private static void write(Path data, Path folder) throws IOException {
    Map<String, JsonNode> paragraphs = new HashMap<>();
    for (JsonNode paragraph : JsonLinesFile.read(data.resolve(CORPUS))) {
      paragraphs.put(paragraph.path("_id").asText(), paragraph);
    }
    Map<String, List<ObjectNode>> lines = new HashMap<>();
    for (JsonNode question : JsonLinesFile.read(data.resolve(QUERIES))) {
      JsonNode paragraph = paragraphs.get(question.path("doc").asText());
      String article = paragraph.path("title").asText();
      ObjectNode line = JsonLinesFile.JSON.createObjectNode();
      line.put("query_id", article + "/" + question.path("_id").asText());
      line.put("query", question.path("text").asText());
      line.putArray("positive_passages")
          .addObject()
          .put("docid", paragraph.path("_id").asText())
          .put("title", article)
          .put("text", paragraph.path("text").asText());
      lines.computeIfAbsent(part(article), any -> new ArrayList<>()).add(line);
    }
    for (String part : PARTS) {
      JsonLinesFile.write(file(folder, part), lines.getOrDefault(part, List.of()));
    }
  }

  private static String part(String article) {
    long draw = Long.remainderUnsigned(LongHashFunction.xx3().hashChars(article), 20);
    return draw < 2 ? "test" : draw == 2 ? "tuning" : "train";
  }

  @Override
  public boolean tunes(String queryId, String source) {
    return source.equals("tuning");
  }

  @Override
  public String group(String queryId, String groupId) {
    return queryId.substring(0, queryId.lastIndexOf('/'));
  }
}
