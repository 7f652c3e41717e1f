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

/**
 * MedQuAD: health questions and answers, of which many stand under several questions. Repeated
 * answers stay in training under ids of their own: they are false negatives that no id tells.
 *
 * @param injected per cent of training pairs that get a copy: the answer without its last sentence,
 *     under another id, for the question put in other words
 */
record MedquadData(int injected) implements TrialData {
  private static final String FILE = "medquad/qa.train_dev.jsonl.gz";
  private static final String COPY = "~copy";

  @Override
  public String name() {
    return injected == 0 ? "medquad" : "medquad-fn" + injected;
  }

  @Override
  public String description() {
    return "MedQuAD (CC BY 4.0), repeated answers kept, %d %% of training pairs with an unlabelled copy; held out by topic, groups are topics"
        .formatted(injected);
  }

  @Override
  public Optional<String> missing(BenchRecipe asked) {
    String data = asked.data();
    return data.isEmpty()
        ? Optional.of("needs --data DIR with " + FILE)
        : Files.isRegularFile(Path.of(data, FILE))
            ? Optional.empty()
            : Optional.of(data + " holds no " + FILE);
  }

  @Override
  public String recipe(BenchRecipe asked, Path folder, int maxTokens) throws IOException {
    if (!Files.isRegularFile(folder.resolve("test.jsonl"))) {
      write(Path.of(asked.data(), FILE), folder);
    }
    return """
        corpus:
          sources:
            - {name: TevatronJsonLines, path: '%1$s/train.jsonl', source: train}
            - {name: TevatronJsonLines, path: '%1$s/tuning.jsonl', source: tuning}
            - {name: TevatronJsonLines, path: '%1$s/test.jsonl', source: test}
        deduplicate: {scope: ACROSS_SOURCES, deduplicators: [{name: ExactHash}]}
        split: {heldOut: [tuning, test], validationShare: 0}
        tokens: {tokenizer: {name: WordPiece, vocabularySize: 30522, minCount: 2}, tokenize: {maxTokens: %2$d}}
        """
        .formatted(folder, maxTokens);
  }

  private void write(Path file, Path folder) throws IOException {
    Map<String, List<ObjectNode>> parts = new HashMap<>();
    for (JsonNode pair : JsonLinesFile.read(file)) {
      String id = pair.path("id").asText();
      String topic = pair.path("focus").asText();
      String part = part(pair, topic);
      String answer = pair.path("answer").asText();
      List<ObjectNode> lines = parts.computeIfAbsent(part, any -> new ArrayList<>());
      lines.add(line(topic + "/" + id, pair.path("question").asText(), id, answer));
      if (part.equals("train") && drawn("copy", id, 100) < injected) {
        String words = topic + " " + pair.path("qtype").asText();
        lines.add(line(topic + "/" + id + COPY, words, id + COPY, shortened(answer)));
      }
    }
    for (String part : List.of("train", "tuning", "test")) {
      JsonLinesFile.write(folder.resolve(part + ".jsonl"), parts.getOrDefault(part, List.of()));
    }
  }

  private static ObjectNode line(String queryId, String query, String id, String answer) {
    ObjectNode line = JsonLinesFile.JSON.createObjectNode();
    line.put("query_id", queryId).put("query", query);
    line.putArray("positive_passages").addObject().put("docid", id).put("text", answer);
    return line;
  }

  private static String part(JsonNode pair, String topic) {
    return !pair.path("split").asText().equals("dev")
        ? "train"
        : drawn("part", topic, 3) == 0 ? "tuning" : "test";
  }

  private static long drawn(String purpose, String id, int bound) {
    return Long.remainderUnsigned(LongHashFunction.xx3().hashChars(purpose + "/" + id), bound);
  }

  /** The answer without its last sentence, where it has more than one. */
  private static String shortened(String answer) {
    int end = answer.lastIndexOf(". ");
    return end < 0 ? answer : answer.substring(0, end + 1);
  }

  /**
   * An answer of a training question.
   *
   * @param text as it is trained on
   * @param meaning equal for repeated answers and for copies
   */
  record Answer(String text, String meaning) {}

  /** The answers of the training part, by id. */
  static Map<String, Answer> answers(Path folder) throws IOException {
    Map<String, String> texts = new HashMap<>();
    for (JsonNode line : JsonLinesFile.read(folder.resolve("train.jsonl"))) {
      JsonNode passage = line.path("positive_passages").path(0);
      texts.put(passage.path("docid").asText(), passage.path("text").asText().strip());
    }
    Map<String, Answer> answers = new HashMap<>();
    texts.forEach((id, text) -> answers.put(id, new Answer(text, texts.get(id.replace(COPY, "")))));
    return answers;
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
