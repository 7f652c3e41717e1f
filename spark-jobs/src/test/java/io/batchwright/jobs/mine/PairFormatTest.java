package io.batchwright.jobs.mine;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.jobs.run.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each layout against lines written by hand from the trainer's documentation. */
class PairFormatTest {
  private static final MinedPair.Text SORT = new MinedPair.Text("d1", "sort an array", 0.75f);
  private static final MinedPair.Text ORDER = new MinedPair.Text("d2", "order\ta \"list\"", 0.5f);
  private static final MinedPair.Text REVERSE = new MinedPair.Text("d3", "reverse it", 0.25f);
  private static final MinedPair.Text OPEN = new MinedPair.Text("d4", "öffnen", -0.125f);

  private static final List<MinedPair> PAIRS =
      List.of(
          new MinedPair("q1", "sorting", List.of(SORT, ORDER), List.of(REVERSE, OPEN)),
          new MinedPair("q2", "opening", List.of(OPEN), List.of(SORT)),
          new MinedPair("q3", "turning", List.of(REVERSE), List.of()));

  @TempDir Path folder;
  private final List<String> reasons = new ArrayList<>();

  private void write(PairFormat format, PairShape shape, boolean scores) throws IOException {
    ExportRecipe recipe = new ExportRecipe(RunSettings.DEFAULTS, 0, "in", format, shape, 2, scores);
    PairWriter writer = format.writer(recipe);
    try (LineFiles files =
        new LineFiles(
            new org.apache.hadoop.fs.Path(folder.resolve("pairs").toUri()), new Configuration())) {
      writer.start(files);
      if (writer.wantsDocuments()) {
        for (MinedPair.Text text : List.of(SORT, ORDER, REVERSE, OPEN)) {
          writer.document(text, files);
        }
      }
      for (MinedPair pair : PAIRS) {
        reasons.add(writer.pair(pair, files));
      }
    }
  }

  private String read(String name) throws IOException {
    return Files.readString(folder.resolve("pairs").resolve(name));
  }

  @Test
  void sentenceTransformersTriplets() throws IOException {
    write(PairFormat.SENTENCE_TRANSFORMERS, PairShape.TRIPLET, false);
    assertThat(read("train.jsonl"))
        .isEqualTo(
            """
            {"anchor":"sorting","positive":"sort an array","negative":"reverse it"}
            {"anchor":"sorting","positive":"sort an array","negative":"öffnen"}
            {"anchor":"sorting","positive":"order\\ta \\"list\\"","negative":"reverse it"}
            {"anchor":"sorting","positive":"order\\ta \\"list\\"","negative":"öffnen"}
            {"anchor":"opening","positive":"öffnen","negative":"sort an array"}
            """);
    assertThat(reasons).containsExactly("", "", "no_negative");
  }

  @Test
  void sentenceTransformersTuplesWithScores() throws IOException {
    write(PairFormat.SENTENCE_TRANSFORMERS, PairShape.N_TUPLE, true);
    assertThat(read("train.jsonl"))
        .isEqualTo(
            """
            {"anchor":"sorting","positive":"sort an array","negative_1":"reverse it","negative_2":"öffnen","scores":[0.75,0.25,-0.125]}
            {"anchor":"sorting","positive":"order\\ta \\"list\\"","negative_1":"reverse it","negative_2":"öffnen","scores":[0.5,0.25,-0.125]}
            """);
    assertThat(reasons).containsExactly("", "too_few_negatives", "too_few_negatives");
  }

  @Test
  void sentenceTransformersLabeledPairs() throws IOException {
    write(PairFormat.SENTENCE_TRANSFORMERS, PairShape.LABELED_PAIR, false);
    assertThat(read("train.jsonl"))
        .isEqualTo(
            """
            {"anchor":"sorting","positive":"sort an array","label":1}
            {"anchor":"sorting","positive":"order\\ta \\"list\\"","label":1}
            {"anchor":"sorting","positive":"reverse it","label":0}
            {"anchor":"sorting","positive":"öffnen","label":0}
            {"anchor":"opening","positive":"öffnen","label":1}
            {"anchor":"opening","positive":"sort an array","label":0}
            {"anchor":"turning","positive":"reverse it","label":1}
            """);
  }

  @Test
  void sentenceTransformersLabeledLists() throws IOException {
    write(PairFormat.SENTENCE_TRANSFORMERS, PairShape.LABELED_LIST, false);
    assertThat(read("train.jsonl"))
        .isEqualTo(
            """
            {"anchor":"sorting","positive":["sort an array","reverse it","öffnen"],"labels":[1,0,0]}
            {"anchor":"sorting","positive":["order\\ta \\"list\\"","reverse it","öffnen"],"labels":[1,0,0]}
            {"anchor":"opening","positive":["öffnen","sort an array"],"labels":[1,0]}
            """);
    assertThat(reasons).containsExactly("", "", "no_negative");
  }

  @Test
  void tevatron() throws IOException {
    write(PairFormat.TEVATRON, PairShape.TRIPLET, false);
    assertThat(read("train.jsonl"))
        .isEqualTo(
            """
            {"query_id":"q1","query":"sorting","positive_passages":[{"docid":"d1","title":"","text":"sort an array"},{"docid":"d2","title":"","text":"order\\ta \\"list\\""}],"negative_passages":[{"docid":"d3","title":"","text":"reverse it"},{"docid":"d4","title":"","text":"öffnen"}]}
            {"query_id":"q2","query":"opening","positive_passages":[{"docid":"d4","title":"","text":"öffnen"}],"negative_passages":[{"docid":"d1","title":"","text":"sort an array"}]}
            """);
    assertThat(reasons).containsExactly("", "", "no_negative");
  }

  @Test
  void flagEmbeddingWithScores() throws IOException {
    write(PairFormat.FLAGEMBEDDING, PairShape.TRIPLET, true);
    assertThat(read("train.jsonl"))
        .isEqualTo(
            """
            {"query":"sorting","pos":["sort an array","order\\ta \\"list\\""],"neg":["reverse it","öffnen"],"pos_scores":[0.75,0.5],"neg_scores":[0.25,-0.125]}
            {"query":"opening","pos":["öffnen"],"neg":["sort an array"],"pos_scores":[-0.125],"neg_scores":[0.75]}
            """);
    assertThat(reasons).containsExactly("", "", "no_negative");
  }

  @Test
  void msMarco() throws IOException {
    write(PairFormat.MSMARCO_TSV, PairShape.TRIPLET, false);
    assertThat(read("collection.tsv"))
        .isEqualTo("d1\tsort an array\nd2\torder a \"list\"\nd3\treverse it\nd4\töffnen\n");
    assertThat(read("queries.train.tsv")).isEqualTo("q1\tsorting\nq2\topening\nq3\tturning\n");
    assertThat(read("qrels.train.tsv"))
        .isEqualTo("q1\t0\td1\t1\nq1\t0\td2\t1\nq2\t0\td4\t1\nq3\t0\td3\t1\n");
    assertThat(read("qidpidtriples.train.tsv"))
        .isEqualTo("q1\td1\td3\nq1\td1\td4\nq1\td2\td3\nq1\td2\td4\nq2\td4\td1\n");
  }

  @Test
  void beir() throws IOException {
    write(PairFormat.BEIR, PairShape.TRIPLET, false);
    assertThat(read("corpus.jsonl"))
        .isEqualTo(
            """
            {"_id":"d1","title":"","text":"sort an array"}
            {"_id":"d2","title":"","text":"order\\ta \\"list\\""}
            {"_id":"d3","title":"","text":"reverse it"}
            {"_id":"d4","title":"","text":"öffnen"}
            """);
    assertThat(read("queries.jsonl"))
        .isEqualTo(
            """
            {"_id":"q1","text":"sorting"}
            {"_id":"q2","text":"opening"}
            {"_id":"q3","text":"turning"}
            """);
    assertThat(read("qrels/train.tsv"))
        .isEqualTo("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t1\nq2\td4\t1\nq3\td3\t1\n");
    assertThat(read("hard-negatives.jsonl"))
        .isEqualTo(
            """
            {"qid":"q1","pos":["d1","d2"],"neg":{"mined":["d3","d4"]}}
            {"qid":"q2","pos":["d4"],"neg":{"mined":["d1"]}}
            {"qid":"q3","pos":["d3"],"neg":{"mined":[]}}
            """);
  }

  @Test
  void whatStoodThereBeforeIsGone() throws IOException {
    write(PairFormat.BEIR, PairShape.TRIPLET, false);
    write(PairFormat.TEVATRON, PairShape.TRIPLET, false);
    try (var files = Files.list(folder.resolve("pairs"))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .filteredOn(name -> !name.startsWith("."))
          .containsExactly("train.jsonl");
    }
  }
}
