package io.batchwright.train.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentenceTransformersFolderTest {
  private static final int DIMS = 64;
  private static final int TEXTS = 1000;

  @TempDir static Path shared;
  private static List<String> texts;
  private static SmallWordPiece vocabulary;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void writeAModel() throws IOException {
    texts = OurComments.lines(TEXTS);
    vocabulary = new SmallWordPiece(texts, 400);
    model = shared.resolve("model");
    SentenceTransformersFolder.write(model, contents(vocabulary.size()));
  }

  @Test
  void anIndependentReaderEncodesAThousandTextsTheSame() throws IOException {
    IndependentReader reader = new IndependentReader(model);
    try (StaticEncoder encoder = StaticEncoder.open(model)) {
      float[][] ours = encoder.encode(texts);
      for (int i = 0; i < TEXTS; i++) {
        double[] theirs = reader.encode(vocabulary.tokens(texts.get(i)));
        assertThat(cosine(ours[i], theirs)).as(texts.get(i)).isGreaterThanOrEqualTo(0.9999);
      }
    }
  }

  @Test
  void anotherToolLoadsTheTokenizerOfTheFolder() throws IOException {
    Path json = model.resolve("0_StaticEmbedding/tokenizer.json");
    try (HuggingFaceTokenizer tokenizer =
        HuggingFaceTokenizer.newInstance(json, Map.of("truncation", "false", "padding", "false"))) {
      for (String text : texts.subList(0, 200)) {
        int[] ids =
            Arrays.stream(tokenizer.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
        assertThat(ids).as(text).containsExactly(vocabulary.tokens(text));
      }
    }
  }

  @Test
  void vectorsHaveUnitLengthAndTextsWithoutTokensGiveZeros() throws IOException {
    try (StaticEncoder encoder = StaticEncoder.open(model)) {
      float[][] encoded = encoder.encode(List.of("", "   ", "reverse an array in place"));
      assertThat(encoder.dims()).isEqualTo(DIMS);
      assertThat(encoded[0]).containsOnly(0f);
      assertThat(encoded[1]).containsOnly(0f);
      double squares = 0;
      for (float value : encoded[2]) {
        squares += value * value;
      }
      assertThat(squares).isBetween(0.99999, 1.00001);
    }
  }

  @Test
  void theFolderHasTheLegacyLayout() throws IOException {
    ObjectMapper json = new ObjectMapper();
    assertThat(FolderFiles.list(model))
        .extracting(Path::toString)
        .containsExactly(
            "0_StaticEmbedding/model.safetensors",
            "0_StaticEmbedding/tokenizer.json",
            "1_Normalize/config.json",
            "README.md",
            "batchwright.json",
            "config_sentence_transformers.json",
            "modules.json");
    assertThat(json.readTree(model.resolve("modules.json").toFile()).findValuesAsText("type"))
        .containsExactly(
            "sentence_transformers.models.StaticEmbedding",
            "sentence_transformers.models.Normalize");
    assertThat(
            json.readTree(model.resolve("config_sentence_transformers.json").toFile())
                .get("similarity_fn_name")
                .asText())
        .isEqualTo("cosine");
    assertThat(Files.readString(model.resolve("README.md")))
        .contains("# A test model", "- data: our comments", "- nDCG@10: 0.1234", "## Licence");
  }

  @Test
  void aModelIsReplacedButAForeignFolderIsNot() throws IOException {
    Path ours = folder.resolve("ours");
    SentenceTransformersFolder.write(ours, contents(vocabulary.size()));
    Files.writeString(ours.resolve("stale"), "of the first");
    SentenceTransformersFolder.write(ours, contents(vocabulary.size() + 1));
    assertThat(ours.resolve("stale")).doesNotExist();
    try (StaticEncoder encoder = StaticEncoder.open(ours)) {
      assertThat(encoder.vocabulary()).isEqualTo(vocabulary.size() + 1);
    }
    assertThat(Files.list(folder)).containsExactly(ours);

    Path foreign = Files.createDirectories(folder.resolve("foreign"));
    Files.writeString(foreign.resolve("thesis.txt"), "precious");
    assertThatThrownBy(() -> SentenceTransformersFolder.write(foreign, contents(5000)))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("foreign exists and has no batchwright.json");
    assertThat(foreign.resolve("thesis.txt")).hasContent("precious");
  }

  @Test
  void aTokenizerWithIdsBeyondTheTableIsRefused() {
    assertThatThrownBy(
            () -> SentenceTransformersFolder.write(folder.resolve("small"), contents(10)))
        .hasMessage(
            "the tokenizer has ids up to %d, the table only 10 rows"
                .formatted(vocabulary.size() - 1));
  }

  @Test
  void damagedFoldersAreRefusedWithTheFileAtFault() throws IOException {
    Path damaged = folder.resolve("damaged");
    SentenceTransformersFolder.write(damaged, contents(vocabulary.size()));
    Path weights = damaged.resolve("0_StaticEmbedding/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
    assertThatThrownBy(() -> StaticEncoder.open(damaged))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.safetensors: " + (bytes.length - 100) + " bytes, but");

    Files.delete(damaged.resolve("batchwright.json"));
    assertThatThrownBy(() -> StaticEncoder.open(damaged)).hasMessageContaining("truncated");

    Files.writeString(
        damaged.resolve("modules.json"),
        "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":\"sentence_transformers.models.Transformer\"}]");
    assertThatThrownBy(() -> StaticEncoder.open(damaged))
        .hasMessageContaining("sentence_transformers.models.Transformer is not supported");
    assertThatThrownBy(() -> StaticEncoder.open(folder))
        .hasMessageEndingWith("is not a model folder: it has no modules.json");
  }

  @Test
  void aTableThatIsNotOneOfFiniteRowsForEveryTokenIsRefused() throws IOException {
    Path bad = folder.resolve("bad");
    SentenceTransformersFolder.write(bad, contents(vocabulary.size()));
    Files.delete(bad.resolve("batchwright.json"));
    Path file = bad.resolve("0_StaticEmbedding/model.safetensors");
    String name = SentenceTransformersFolder.TENSOR;
    int rows = vocabulary.size();

    float[] values = new float[rows * DIMS];
    values[3 * DIMS + 5] = Float.NaN;
    refused(bad, Map.of(name, tensor(values, rows, DIMS)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "%s: tensor %s has the value NaN at place %d".formatted(file, name, 3 * DIMS + 5));
    values[3 * DIMS + 5] = Float.NEGATIVE_INFINITY;
    refused(bad, Map.of("embeddings", tensor(values, rows, DIMS)))
        .hasMessageContaining("tensor embeddings has the value -Infinity at place");

    float[] small = new float[(rows - 1) * DIMS];
    refused(bad, Map.of(name, tensor(small, rows - 1, DIMS)))
        .isInstanceOf(BatchwrightException.class)
        .hasMessage(
            "the tokenizer has ids up to %d, the table in %s only %d rows"
                .formatted(rows - 1, file, rows - 1));
    refused(bad, Map.of(name, tensor(new float[0], 0, DIMS)))
        .hasMessage("%s: tensor %s is empty, its shape is [0, 64]".formatted(file, name));
    refused(bad, Map.of(name, tensor(new float[0], rows, 0)))
        .hasMessage("%s: tensor %s is empty, its shape is [%d, 0]".formatted(file, name, rows));
    refused(
            bad,
            Map.of(
                "embeddings",
                tensor(new float[rows * DIMS], rows, DIMS),
                "weights",
                tensor(new float[rows], rows)))
        .hasMessageStartingWith(file + ": tensor weights is not supported beside embeddings");
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(
      Path folder, Map<String, SafetensorsWriter.Values> tensors) throws IOException {
    Path file = folder.resolve("0_StaticEmbedding/model.safetensors");
    Files.delete(file);
    SafetensorsWriter.write(file, Map.of(), tensors);
    return assertThatThrownBy(() -> StaticEncoder.open(folder));
  }

  private static SafetensorsWriter.Values tensor(float[] values, int... dims) {
    return new SafetensorsWriter.Floats(dims, values);
  }

  @Test
  void promptsStandBeforeTheText() throws IOException {
    Path prompted = folder.resolve("prompted");
    SentenceTransformersFolder.Contents plain = contents(vocabulary.size());
    SentenceTransformersFolder.write(
        prompted,
        new SentenceTransformersFolder.Contents(
            plain.weights(),
            plain.tokenizerJson(),
            Map.of("query", "query: "),
            plain.card(),
            plain.provenance()));
    try (StaticEncoder encoder = StaticEncoder.open(prompted)) {
      assertThat(encoder.encode(List.of("an array"), "query"))
          .isDeepEqualTo(encoder.encode(List.of("query: an array")));
      assertThat(encoder.encode(List.of("an array"), "document"))
          .isDeepEqualTo(encoder.encode(List.of("an array")));
    }
  }

  private static SentenceTransformersFolder.Contents contents(int rows) {
    RandomStream random = RandomStream.of(3, "table", 0, 0);
    float[] table = new float[rows * DIMS];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) random.gaussianAt(i);
    }
    return SentenceTransformersFolder.Contents.of(
        new StaticEmbeddingWeights(rows, DIMS, table),
        vocabulary.json(),
        new ModelCard(
            "A test model",
            "For tests.",
            Map.of("data", "our comments"),
            Map.of("nDCG@10", 0.1234),
            "Apache-2.0",
            List.of("It knows nothing.")),
        new TreeMap<>(Map.of("commit", "none")));
  }

  private static double cosine(float[] left, double[] right) {
    double dot = 0;
    double leftSquares = 0;
    double rightSquares = 0;
    for (int i = 0; i < left.length; i++) {
      dot += left[i] * right[i];
      leftSquares += (double) left[i] * left[i];
      rightSquares += right[i] * right[i];
    }
    return dot / Math.sqrt(leftSquares * rightSquares);
  }
}
