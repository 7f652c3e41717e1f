package io.batchwright.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.jobs.config.Recipe;
import io.batchwright.jobs.config.RecipeReader;
import io.batchwright.jobs.pipeline.PipelineRecipe;
import io.batchwright.jobs.run.RunTables;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import io.batchwright.train.safetensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code conf/language-model.yaml} and {@code conf/pretrain-encoder.yaml} on a few documents. */
@Tag("slow")
class LanguageModelTest {
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
  void documentsBecomeALanguageModelOfKnownPerplexity() throws IOException {
    Path out = folder.resolve("out");
    List<String> settings =
        new ArrayList<>(
            List.of(
                "tokens.tokenizer.vocabularySize=320",
                "tokens.tokenize.maxTokens=32",
                "batches.policy={name: RandomBatches, pairsPerStep: 8, dropLast: false}",
                "train.model={name: Gpt, layers: 1, dims: 32, heads: 2, feedForwardDims: 64,"
                    + " maxTokens: 32, dropout: 0.1, attentionDropout: 0}",
                "train.epochs=4",
                "train.schedule.peakRate=0.01",
                "train.checkpointEverySteps=20"));
    CommandLineRun prepared = run("prepare", "language-model", out, settings);
    assertThat(prepared.code()).as(prepared.err()).isZero();
    assertThat(out.resolve("model")).doesNotExist();
    CommandLineRun run = run("pipeline", "language-model", out, settings, "--resume");
    assertThat(run.code()).as(run.err()).isZero();

    JsonNode record = CommandLineRun.record(out);
    assertThat(CommandLineRun.balanced(record)).isTrue();
    JsonNode metrics = record.path("metrics");
    JsonNode tokens = record.at("/ledger/tokens");
    assertThat(tokens.path("in").asLong())
        .isEqualTo(record.at("/ledger/split/out").asLong())
        .isEqualTo(
            tokens.path("out").asLong() + tokens.at("/dropped/empty_after_tokenization").asLong());
    assertThat(
            metrics.path("tokens_train").asDouble() + metrics.path("tokens_validation").asDouble())
        .isEqualTo(metrics.path("tokens_total").asDouble());
    assertThat(metrics.path("tokens_total").asLong()).isEqualTo(tokensOfDocuments(out));
    // Pieces that begin with a token of the one before.
    assertThat(metrics.path("pieces").asLong()).isGreaterThan(tokens.path("out").asLong());
    assertThat(metrics.path("packing_fill").asDouble()).isBetween(0.8, 1.0);
    // 320 pieces of vocabulary, of which a few dozen are common.
    assertThat(metrics.path("train_best_perplexity").asDouble()).isBetween(1.5, 30.0);
    List<Double> curve = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      JsonNode step = new ObjectMapper().readTree(line);
      if (step.has("validation_perplexity")) {
        curve.add(step.path("validation_perplexity").asDouble());
      }
    }
    assertThat(curve).hasSizeGreaterThan(2);
    assertThat(curve.get(curve.size() - 1)).isLessThan(0.7 * curve.get(0));
    assertThat(out.resolve("report.html")).content().contains("a token of documents set aside");

    try (Safetensors model = Safetensors.open(out.resolve("model/model.safetensors"))) {
      assertThat(model.shape("transformer.h.0.attn.c_attn.weight")).containsExactly(32, 96);
      assertThat(model.shape("transformer.wte.weight")).containsExactly(320, 32);
    }
    assertThat(out.resolve("model/README.md"))
        .content()
        .contains("AutoModelForCausalLM")
        .contains("tokenizer(tokenizer.bos_token + \"The\", add_special_tokens=False, return");
  }

  /** Of the documents that were packed, each with a mark before and behind it. */
  private static long tokensOfDocuments(Path out) {
    Configuration hadoop = new Configuration();
    List<Row> texts =
        RunTables.of(out.toString(), hadoop)
            .orElseThrow()
            .read(spark, "texts")
            .select("text")
            .collectAsList();
    long tokens = 0;
    try (Tokenizer tokenizer = Tokenizer.load(Files.readString(out.resolve("tokenizer.json")))) {
      for (Row text : texts) {
        tokens += tokenizer.encode(text.getString(0)).length + 2;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tokens;
  }

  @Test
  void anEncoderLearnsMaskedWordsAndGoesOnFromItsFolder() throws IOException {
    Path out = folder.resolve("out");
    List<String> settings =
        List.of(
            "tokens.tokenizer={name: WordPiece, vocabularySize: 300, minCount: 1}",
            "tokens.tokenize.maxTokens=24",
            "batches.policy={name: RandomBatches, pairsPerStep: 8, dropLast: false}",
            "train.model={name: Bert, layers: 1, dims: 16, heads: 2, feedForwardDims: 32,"
                + " maxTokens: 24, pooling: MEAN}",
            "train.schedule.peakRate=0.01");
    CommandLineRun run = run("train", "pretrain-encoder", out, settings);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(CommandLineRun.record(out).path("metrics").path("train_best_perplexity").asDouble())
        .isBetween(1.0, 300.0);
    PretrainedFolder model = PretrainedFolder.open(out.resolve("model"));
    assertThat(model.config().dims()).isEqualTo(16);

    Path again = folder.resolve("again");
    CommandLineRun further =
        run(
            "train",
            "pretrain-encoder",
            again,
            List.of(
                "tokens={tokenize: {maxTokens: 24}}",
                "batches.policy={name: RandomBatches, pairsPerStep: 8, dropLast: false}",
                "train.model={name: PretrainedEncoder, path: '%s'}"
                    .formatted(out.resolve("model"))));
    assertThat(further.code()).as(further.err()).isZero();

    // The layout that conf/finetune-encoder.yaml starts from.
    assertThat(PretrainedFolder.open(again.resolve("model")).config()).isEqualTo(model.config());
    String query = "bert.encoder.layer.0.attention.self.query.weight";
    String bias = "cls.predictions.bias";
    try (Safetensors before = Safetensors.open(out.resolve("model/model.safetensors"));
        Safetensors after = Safetensors.open(again.resolve("model/model.safetensors"))) {
      assertThat(after.names()).isEqualTo(before.names());
      assertThat(after.readFloats(query)).isNotEqualTo(before.readFloats(query));
      assertThat(after.readFloats(bias)).isNotEqualTo(before.readFloats(bias));
    }
  }

  @Test
  void settingsOfPairsBesideALanguageModelAreRefusedWithTheirLines() {
    String recipe =
        """
        split: {heldOutShare: 0.1}
        batches:
          policy: {name: NoDuplicates, pairsPerStep: 8, dropLast: true}
        train:
          model: {name: Gpt, layers: 1, dims: 8, heads: 2, feedForwardDims: 8, maxTokens: 8}
          objective: {name: CausalLanguageModel}
          validation: {maximumPairs: 0, monitor: LOSS}
        evaluate: {untrained: false}
        """;
    assertThatThrownBy(() -> read(recipe))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("recipe:1: split: must leave heldOut and heldOutShare out")
        .hasMessageContaining("recipe:2: batches: must have policy: {name: RandomBatches")
        .hasMessageContaining("recipe:8: evaluate: must be left out");
    String loss =
        """
        train:
          model: {name: Gpt, layers: 1, dims: 8, heads: 2, feedForwardDims: 8, maxTokens: 8}
          loss: {name: Dcl, temperature: 0.05}
          objective: {name: CausalLanguageModel}
          validation: {maximumPairs: 0, monitor: LOSS}
        """;
    assertThatThrownBy(() -> read(loss))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("recipe:3: train.loss: must be left out: it is over pairs");
    assertThatThrownBy(() -> read("tokens: {packing: {name: NoPacking}}\n"))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("tokens: must leave packing out");
  }

  private static PipelineRecipe read(String yaml) {
    return RecipeReader.read(PipelineRecipe.class, new Recipe("recipe", yaml), List.of()).config();
  }

  private static String recipe(String name) {
    return Path.of(System.getProperty("batchwright.root"), "conf", name + ".yaml").toString();
  }

  private CommandLineRun run(
      String job, String recipe, Path out, List<String> settings, String... flags)
      throws IOException {
    List<Object> arguments =
        new ArrayList<>(List.of(job, "--recipe", recipe(recipe), "--out", out.toString()));
    List<String> all =
        new ArrayList<>(
            List.of(
                "corpus.sources=[{name: JsonLines, path: '%s', source: s}]".formatted(documents()),
                "corpus.filters=[]",
                "deduplicate.deduplicators=[{name: ExactHash}]",
                "split.validationShare=0.1"));
    all.addAll(settings);
    for (String setting : all) {
      arguments.addAll(List.of("--set", setting));
    }
    arguments.addAll(List.of(flags));
    return CommandLineRun.of(arguments.toArray());
  }

  /** Three hundred documents of two to forty words that follow each other in a fixed order. */
  private Path documents() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      StringBuilder text = new StringBuilder("begin");
      for (int w = 0; w < 2 + i * 7 % 39; w++) {
        text.append(" word").append((i + 3 * w) % 40);
      }
      lines.append("{\"id\": \"d%d\", \"text\": \"%s %d\"}\n".formatted(i, text, i));
    }
    Path file = folder.resolve("documents.jsonl");
    return Files.exists(file) ? file : Files.writeString(file, lines);
  }
}
