package io.batchwright.train.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.model.PretrainedEncoder;
import io.batchwright.train.model.huggingface.PretrainedCopy;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders and vectors were made by {@code pretrained_golden.py} with PyTorch. */
class ModelEncoderTest {
  @TempDir Path scratch;

  @ParameterizedTest
  @ValueSource(strings = {"bert", "minilm", "distilbert", "roberta", "xlm-roberta"})
  void textsOfAFolderGiveTheVectorsOfPyTorch(String name) throws IOException {
    JsonNode golden = golden(name);
    List<String> texts = texts(golden);
    try (Encoder encoder = Encoder.open(folder(name))) {
      assertThat(encoder).isInstanceOf(ModelEncoder.class);
      float[][] vectors = encoder.encode(texts);
      for (int i = 0; i < vectors.length; i++) {
        assertThat(vectors[i]).containsExactly(unit(golden.path("vectors").get(i)), within(1e-5f));
      }
    }
  }

  @Test
  void truncatedVectorsAreTheFirstValuesAtUnitLength() throws IOException {
    List<String> texts = new ArrayList<>(texts(golden("bert")));
    texts.add("");
    try (Encoder encoder = Encoder.open(folder("bert"))) {
      Encoder three = encoder.truncated(3);
      assertThat(three.dims()).isEqualTo(3);
      assertThat(three.tokens(texts)).isDeepEqualTo(encoder.tokens(texts));
      assertThat(three.prompts()).isEqualTo(encoder.prompts());
      float[][] whole = encoder.encodeQueries(texts);
      float[][] cut = three.encodeQueries(texts);
      for (int i = 0; i < cut.length; i++) {
        float[] first = Arrays.copyOf(whole[i], 3);
        double norm = Math.sqrt(first[0] * first[0] + first[1] * first[1] + first[2] * first[2]);
        assertThat(cut[i]).hasSize(3);
        for (int d = 0; d < 3; d++) {
          assertThat(cut[i][d] * norm).isCloseTo(first[d], within(1e-6));
        }
      }
      assertThat(encoder.truncated(0)).isSameAs(encoder);
      assertThat(encoder.truncated(8)).isSameAs(encoder);
      for (int dims : new int[] {-1, 9}) {
        assertThatThrownBy(() -> encoder.truncated(dims))
            .isInstanceOf(BatchwrightException.class)
            .hasMessageContaining("truncateDims must be in [1, 8]");
      }
    }
  }

  @Test
  void neitherTheOrderNorTheNumberOfTextsChangesAVector() throws IOException {
    JsonNode golden = golden("roberta");
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      many.addAll(texts(golden));
    }
    Collections.reverse(many);
    try (Encoder encoder = Encoder.open(folder("roberta"))) {
      float[][] alone = new float[4][];
      for (int i = 0; i < 4; i++) {
        alone[i] = encoder.encode(List.of(many.get(i)))[0];
      }
      float[][] together = encoder.encode(many);
      for (int i = 0; i < together.length; i++) {
        assertThat(together[i]).containsExactly(alone[i % 4], within(1e-6f));
      }
    }
  }

  @Test
  void promptsStandBeforeTheTextInsideOfTheSpecialTokens() throws IOException {
    try (Encoder encoder = Encoder.open(folder("xlm-roberta"))) {
      assertThat(encoder.prompts())
          .containsExactlyInAnyOrderEntriesOf(Map.of("query", "the: ", "document", "a: "));
      assertThat(encoder.encodeQueries(List.of("cat"))[0])
          .containsExactly(encoder.encode(List.of("the: cat"))[0]);
      int[] tokens = encoder.documentTokens(List.of("cat"))[0];
      assertThat(tokens).startsWith(0).endsWith(2);
      assertThat(tokens).containsExactly(encoder.tokens(List.of("a: cat"))[0]);
    }
  }

  @Test
  void aLongTextIsCutToTheLengthOfTheFolderAndAnEmptyOneIsZero() throws IOException {
    try (Encoder encoder = Encoder.open(folder("bert"))) {
      int[] tokens = encoder.tokens(List.of("the cat sat ".repeat(20)))[0];
      assertThat(tokens).hasSize(12).startsWith(2, 5, 6, 7).endsWith(7, 5, 3);
      float[][] vectors = encoder.encode(List.of("", "cat"));
      assertThat(vectors[0]).containsOnly(0f).hasSize(8);
      assertThat(vectors[1]).isNotEqualTo(vectors[0]);
    }
  }

  @Test
  void aEncoderFolderIsReplacedAndReadBack() throws IOException {
    Path target = scratch.resolve("model");
    PretrainedFolder source =
        new PretrainedEncoder(folder("distilbert").toString()).startsFrom().orElseThrow();
    Map<String, float[]> weights = new TreeMap<>();
    try (var backend = Backends.cpu();
        var arena = backend.arena("test")) {
      new PretrainedEncoder(folder("distilbert").toString())
          .build(19, backend, arena, RandomStream.of(1, "m", 0, 0))
          .parameters()
          .forEach(p -> weights.put(p.name(), p.value().toFloats()));
    }
    PretrainedCopy copy = new PretrainedCopy(source, Map.of());
    ModelCard card = new ModelCard("Tuned", "For a test.", Map.of(), Map.of(), "", List.of());
    for (int write = 0; write < 2; write++) {
      EncoderFolder.write(target, copy, weights, card, new TreeMap<>(Map.of("seed", "1")));
    }
    assertThat(target.resolve("README.md")).content().contains("# Tuned", "distilbert encoder");
    assertThat(target.resolve("batchwright.json")).content().contains("model.safetensors");
    try (Encoder tuned = Encoder.open(target);
        Encoder before = Encoder.open(folder("distilbert"))) {
      assertThat(tuned.encode(List.of("the cat"))).isDeepEqualTo(before.encode(List.of("the cat")));
    }
    byte[] bytes = Files.readAllBytes(target.resolve("model.safetensors"));
    Files.write(target.resolve("model.safetensors"), Arrays.copyOf(bytes, 100));
    assertThatThrownBy(() -> Encoder.open(target)).hasMessageContaining("100 bytes, but");
    Path foreign = Files.createDirectory(scratch.resolve("foreign"));
    Files.writeString(foreign.resolve("thesis.txt"), "mine");
    assertThatThrownBy(() -> EncoderFolder.write(foreign, copy, weights, card, new TreeMap<>()))
        .hasMessageContaining("has no batchwright.json: it is not replaced");
    assertThat(foreign.resolve("thesis.txt")).hasContent("mine");
  }

  @Test
  void whatIsNoModelIsRefused() {
    assertThatThrownBy(() -> Encoder.open(scratch))
        .hasMessageContaining("is not a model folder: it has neither modules.json nor config.json");
    assertThatThrownBy(() -> PretrainedEncoder.PAPER.dims())
        .isInstanceOf(BatchwrightException.class)
        .hasMessageStartingWith("PretrainedEncoder.path must name a folder");
  }

  private static Path folder(String name) {
    try {
      return Path.of(PretrainedFolder.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode golden(String name) throws IOException {
    return new ObjectMapper().readTree(folder(name).resolve("golden.json").toFile());
  }

  private static List<String> texts(JsonNode golden) {
    List<String> texts = new ArrayList<>();
    golden.path("texts").forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Folders without a Normalize module give vectors of other lengths; ours always have 1. */
  private static float[] unit(JsonNode vector) {
    double squares = 0;
    for (JsonNode value : vector) {
      squares += value.asDouble() * value.asDouble();
    }
    float[] unit = new float[vector.size()];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector.get(i).asDouble() / Math.sqrt(squares));
    }
    return unit;
  }
}
