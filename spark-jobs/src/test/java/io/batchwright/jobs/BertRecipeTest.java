package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.train.evaluation.TrecRun;
import io.batchwright.train.export.Encoder;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code conf/encoder.yaml} on a few pairs: an encoder from random weights, through every stage.
 */
class BertRecipeTest {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @Test
  void anEncoderLearnsFromRandomWeightsAndIsSearched() throws IOException {
    Path out = folder.resolve("out");
    Path pairs = WordPairs.write(folder.resolve("pairs.jsonl"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "pipeline",
                "--recipe",
                Path.of(System.getProperty("batchwright.root"), "conf/encoder.yaml").toString(),
                "--out",
                out.toString()));
    for (String setting :
        List.of(
            "corpus.sources=[{name: FlagEmbeddingJsonLines, path: '%s', source: p}]"
                .formatted(pairs),
            "corpus.filters=[]",
            "split={heldOutShare: 0.1}",
            "tokens.tokenizer.vocabularySize=300",
            "deduplicate.deduplicators=[{name: ExactHash}]",
            "batches.policy={name: RandomBatches, pairsPerStep: 16}",
            "train.model.dims=32",
            "train.model.feedForwardDims=64",
            "train.epochs=8",
            "train.schedule.peakRate=0.005",
            "evaluate.shuffled=false")) {
      arguments.addAll(List.of("--set", setting));
    }
    CommandLineRun run = CommandLineRun.of(arguments.toArray());
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode metrics = CommandLineRun.record(out).path("metrics");
    assertThat(metrics.path("ndcg10_model").asDouble())
        .isGreaterThan(metrics.path("ndcg10_untrained").asDouble() + 0.1);

    PretrainedFolder model = PretrainedFolder.open(out.resolve("model"));
    assertThat(model.config().dims()).isEqualTo(32);
    assertThat(model.config().attentionDropout()).isEqualTo(0.1);
    assertThat(model.modules().pooling()).isEqualTo(Pooling.MEAN);
    assertThat(model.maxTokens()).isEqualTo(64);
    try (Encoder trained = Encoder.open(out.resolve("model"))) {
      int[] tokens = trained.tokens(List.of("word1"))[0];
      assertThat(tokens).startsWith(2).endsWith(3); // [CLS] ... [SEP]
      assertThat(trained.encode(List.of("", "word7"))[0]).containsOnly(0);
    }
    CommandLineRun found =
        CommandLineRun.of(
            "search", "--model", out.toString(), "--corpus", out.toString(), "word7 word49");
    assertThat(found.code()).as(found.err()).isZero();
    assertThat(found.out()).contains("word49 of word7");

    Path evaluated = folder.resolve("evaluated");
    CommandLineRun measured =
        CommandLineRun.of(
            "evaluate",
            "--model",
            out.resolve("model").toString(),
            "--corpus",
            collection().toString(),
            "--out",
            evaluated.toString());
    assertThat(measured.code()).as(measured.err()).isZero();
    JsonNode record = CommandLineRun.record(evaluated);
    assertThat(record.at("/ledger/evaluate/out").asInt()).isEqualTo(WordPairs.WORDS.size());
    assertThat(record.at("/metrics/ndcg10_model").asDouble())
        .isGreaterThan(metrics.path("ndcg10_untrained").asDouble() + 0.1);
    assertThat(TrecRun.read(evaluated.resolve("evaluation/model.run")).queries().size())
        .isEqualTo(WordPairs.WORDS.size());
  }

  /** A BEIR folder: the first sixty pairs of words, each query with its document. */
  private Path collection() throws IOException {
    Path beir = Files.createDirectories(folder.resolve("collection/qrels")).getParent();
    StringBuilder corpus = new StringBuilder();
    StringBuilder queries = new StringBuilder();
    StringBuilder qrels = new StringBuilder("query-id\tcorpus-id\tscore\n");
    int size = WordPairs.WORDS.size();
    for (int i = 0; i < size; i++) {
      String asked = WordPairs.WORDS.get(i);
      String other = WordPairs.WORDS.get(i * 7 % size);
      corpus.append(
          "{\"_id\": \"d%d\", \"title\": \"\", \"text\": \"%s of %s\"}\n"
              .formatted(i, other, asked));
      queries.append("{\"_id\": \"q%d\", \"text\": \"%s %s\"}\n".formatted(i, asked, other));
      qrels.append("q%d\td%d\t1\n".formatted(i, i));
    }
    Files.writeString(beir.resolve("corpus.jsonl"), corpus);
    Files.writeString(beir.resolve("queries.jsonl"), queries);
    Files.writeString(beir.resolve("qrels/test.tsv"), qrels);
    return beir;
  }
}
