package io.batchwright.jobs.bench.negatives;

import io.batchwright.jobs.bench.BenchRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.openhft.hashing.LongHashFunction;

/**
 * NFCorpus: questions about food search for abstracts. A query has dozens of graded answers, and
 * all queries share one corpus, as in the published protocol.
 */
record NfcorpusData() implements TrialData {
  private static final String FOLDER = "retrieval-en/nfcorpus";
  private static final String TUNING = "tuning:";

  @Override
  public String name() {
    return "nfcorpus";
  }

  @Override
  public String description() {
    return "NFCorpus: a tenth of the training queries tunes, the test is the published dev part; each"
        + " query is a group";
  }

  @Override
  public Optional<String> missing(BenchRecipe asked) {
    String data = asked.data();
    return data.isEmpty()
        ? Optional.of("needs --data DIR with " + FOLDER)
        : Files.isDirectory(Path.of(data, FOLDER))
            ? Optional.empty()
            : Optional.of(data + " holds no " + FOLDER);
  }

  @Override
  public String recipe(BenchRecipe asked, Path folder, int maxTokens) throws IOException {
    if (!Files.isRegularFile(folder.resolve("qrels/dev.tsv"))) {
      write(Path.of(asked.data(), FOLDER), folder);
    }
    return """
        corpus:
          sources:
            - {name: BeirFolder, path: '%s', qrels: [train, tuning, dev], heldOut: [tuning, dev], source: nfcorpus}
        deduplicate: {deduplicators: [{name: ExactHash}]}
        split: {validationShare: 0}
        tokens: {tokenizer: {name: WordPiece, vocabularySize: 30522, minCount: 2}, tokenize: {maxTokens: %d}}
        """
        .formatted(folder, maxTokens);
  }

  private static void write(Path data, Path folder) throws IOException {
    Files.createDirectories(folder.resolve("qrels"));
    Files.write(
        folder.resolve("corpus.jsonl"), JsonLinesFile.lines(data.resolve("corpus.jsonl.gz")));
    Set<String> renamed = new HashSet<>();
    List<String> train = new ArrayList<>();
    List<String> tuned = new ArrayList<>();
    for (String line : JsonLinesFile.lines(data.resolve("qrels/train.tsv.gz"))) {
      String id = line.substring(0, line.indexOf('\t'));
      if (tuning(id)) {
        renamed.add(id);
        tuned.add(TUNING + line);
      } else {
        train.add(line);
      }
    }
    List<String> queries = new ArrayList<>();
    for (String line : JsonLinesFile.lines(data.resolve("queries.jsonl.gz"))) {
      String id = JsonLinesFile.JSON.readTree(line).path("_id").asText();
      queries.add(
          renamed.contains(id) ? line.replace('"' + id + '"', '"' + TUNING + id + '"') : line);
    }
    Files.write(folder.resolve("queries.jsonl"), queries);
    Files.write(folder.resolve("qrels/train.tsv"), train);
    Files.write(folder.resolve("qrels/tuning.tsv"), tuned);
    Files.write(
        folder.resolve("qrels/dev.tsv"), JsonLinesFile.lines(data.resolve("qrels/dev.tsv")));
  }

  private static boolean tuning(String queryId) {
    return !queryId.equals("query-id")
        && Long.remainderUnsigned(LongHashFunction.xx3().hashChars(queryId), 10) == 0;
  }

  /** More than the 1,363 answers of the query that has most, which all may rank before the rest. */
  @Override
  public int candidates() {
    return 1_500;
  }

  /** The worst of dozens of graded answers lies among the negatives; their mean does not. */
  @Override
  public String filters() {
    return "[{name: KnownPositives}, {name: SameAnswer}, {name: TopKPercPos, reference: MEAN}]";
  }

  @Override
  public boolean tunes(String queryId, String source) {
    return queryId.startsWith(TUNING);
  }

  @Override
  public String group(String queryId, String groupId) {
    return queryId;
  }
}
