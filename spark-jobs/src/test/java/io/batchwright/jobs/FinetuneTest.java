package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.jobs.model.SmallEncoder;
import io.batchwright.train.export.Encoder;
import io.batchwright.train.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code conf/finetune-encoder.yaml} on a folder of another tool and a few pairs. */
class FinetuneTest {
  private static SparkSession spark;

  @TempDir Path folder;

  private Path encoder;
  private Path pairs;

  @BeforeAll
  static void openSession() {
    spark = TestSession.open();
  }

  @AfterAll
  static void closeSession() {
    spark.stop();
  }

  @BeforeEach
  void makeEncoderAndPairs() throws IOException {
    encoder = folder.resolve("encoder");
    SmallEncoder.write(encoder, WordPairs.WORDS);
    pairs = WordPairs.write(folder.resolve("pairs.jsonl"));
  }

  @Test
  void aFolderIsTrainedOnPairsMeasuredAndWrittenBack() throws IOException {
    Path out = folder.resolve("out");
    CommandLineRun run =
        run(
            "pipeline",
            out,
            encoder,
            "train.schedule.peakRate=0.005",
            "tokens.prompts.query=\"word3 \"",
            "tokens.prompts.document=\"word5 \"");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode metrics = CommandLineRun.record(out).path("metrics");
    assertThat(metrics.path("vocabulary_size").asInt()).isEqualTo(63);
    assertThat(metrics.path("ndcg10_model").asDouble())
        .isGreaterThan(metrics.path("ndcg10_untrained").asDouble() + 0.05);

    Path model = out.resolve("model");
    assertThat(model.resolve("origin.txt")).hasContent("nobody reads this");
    assertThat(model.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(encoder.resolve("tokenizer.json"));
    assertThat(model.resolve("config.json")).hasSameBinaryContentAs(encoder.resolve("config.json"));
    String trained = "bert.encoder.layer.0.attention.self.query.weight";
    String carried = "bert.pooler.dense.weight";
    try (Safetensors before = Safetensors.open(encoder.resolve("model.safetensors"));
        Safetensors after = Safetensors.open(model.resolve("model.safetensors"))) {
      assertThat(after.names()).isEqualTo(before.names());
      assertThat(after.readFloats(trained)).isNotEqualTo(before.readFloats(trained));
      assertThat(after.readFloats(carried)).isEqualTo(before.readFloats(carried));
    }
    try (Encoder tuned = Encoder.open(model)) {
      assertThat(tuned.dims()).isEqualTo(16);
      assertThat(tuned.tokens(List.of("word1"))[0]).containsExactly(1, 4, 2);
      assertThat(tuned.queryTokens(List.of("word1"))[0]).containsExactly(1, 6, 4, 2);
      assertThat(tuned.documentTokens(List.of("word1"))[0]).containsExactly(1, 8, 4, 2);
    }
    CommandLineRun found =
        CommandLineRun.of(
            "search", "--model", out.toString(), "--corpus", out.toString(), "word7 word49");
    assertThat(found.code()).as(found.err()).isZero();
    assertThat(found.out()).contains("word49 of word7");
  }

  @Test
  void aFolderThatCannotBeTrainedIsToldBeforeAnythingRuns() throws IOException {
    Path out = folder.resolve("out");
    CommandLineRun nowhere = run("train", out, folder.resolve("nowhere"));
    assertThat(nowhere.code()).isEqualTo(3);
    assertThat(nowhere.err()).contains("nowhere/config.json is missing");

    Files.writeString(encoder.resolve("config.json"), "{\"model_type\": \"t5\"}");
    CommandLineRun other = run("train", out, encoder);
    assertThat(other.code()).isEqualTo(3);
    assertThat(other.err())
        .contains("model_type 't5' is not supported; supported are bert, distilbert, roberta");
    assertThat(out.resolve("tables")).doesNotExist();
  }

  private CommandLineRun run(String job, Path out, Path model, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                job,
                "--recipe",
                Path.of(System.getProperty("batchwright.root"), "conf/finetune-encoder.yaml")
                    .toString(),
                "--out",
                out.toString()));
    List<String> set =
        new ArrayList<>(
            List.of(
                "train.model.path=" + model,
                "corpus.sources.0.path=" + pairs,
                "batches.policy={name: RandomBatches, pairsPerStep: 8}",
                "train.epochs=2",
                "split.validationShare=0",
                "deduplicate.deduplicators=[{name: ExactHash}]",
                "evaluate.shuffled=false"));
    set.addAll(List.of(settings));
    for (String setting : set) {
      arguments.addAll(List.of("--set", setting));
    }
    return CommandLineRun.of(arguments.toArray());
  }
}
