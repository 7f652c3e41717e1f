package io.batchwright.train.model.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.language.TokenHead;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.safetensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BertFolderTest {
  private static final Bert MODEL =
      new Bert(2, 16, 4, 32, 12, 0.2, 0.1, Pooling.CLS, Activations.KEPT);
  private static final int VOCABULARY = 24;

  @TempDir Path target;

  private final Backend backend = Backends.cpu();
  private final Arena arena = backend.arena("test");

  @AfterEach
  void close() {
    arena.close();
    backend.close();
  }

  @Test
  void aFolderIsReadBackWithTheSameSizesWeightsAndVectors() throws IOException {
    BertEncoder trained =
        new BertEncoder(MODEL.config(VOCABULARY), new ParameterSpace(backend, arena, DType.F32), 5);
    folder(VOCABULARY, Map.of("query", "q: ")).write(target, Folders.values(trained.parameters()));

    PretrainedFolder read = PretrainedFolder.open(target);
    assertThat(read.architecture()).isEqualTo(Architecture.BERT);
    assertThat(read.config()).isEqualTo(MODEL.config(VOCABULARY));
    assertThat(read.modules()).isEqualTo(new SentenceModules("", Pooling.CLS, true, 10, false));
    assertThat(read.prompts()).containsExactlyEntriesOf(Map.of("query", "q: "));
    BertEncoder again = Folders.encoder(read, backend, arena, DType.F32);
    int[][] ids = {{2, 7, 9, 3}, {2, 3}, {2, 23, 22, 21, 20, 19, 18, 17, 16, 3}};
    assertThat(Folders.vectors(read, again, ids, backend, arena))
        .containsExactly(Folders.vectors(read, trained, ids, backend, arena));

    IndependentBert independent = new IndependentBert(target);
    assertThat(independent.tensors()).isEqualTo(trained.parameters().size());
    double[] theirs =
        Arrays.stream(ids).map(independent::vector).flatMapToDouble(Arrays::stream).toArray();
    assertThat(Folders.vectors(read, trained, ids, backend, arena))
        .containsExactly(theirs, within(1e-5));

    JsonNode tokenizer =
        new ObjectMapper().readTree(target.resolve("tokenizer_config.json").toFile());
    assertThat(tokenizer.path("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
    assertThat(tokenizer.path("cls_token").asText()).isEqualTo("[CLS]");
    assertThat(tokenizer.path("pad_token").asText()).isEqualTo("[PAD]");
  }

  @Test
  void theHeadOfAMaskedLanguageModelIsReadBackAndTheEncoderBesideIt() throws IOException {
    ParameterSpace space = new ParameterSpace(backend, arena, DType.F32);
    BertEncoder trained = new BertEncoder(MODEL.config(VOCABULARY), space, 5);
    TokenHead head = TokenHead.of(trained, space, 6);
    Map<String, float[]> values = Folders.values(trained.parameters());
    Map<String, float[]> ofHead = Folders.values(head.parameters());
    values.putAll(ofHead);
    ofHead.values().forEach(value -> value[0] += 0.5f);
    folder(VOCABULARY, Map.of()).write(target, values);

    PretrainedFolder read = PretrainedFolder.open(target);
    TokenHead again = TokenHead.of(trained, space, 7);
    read.loadHead(again.parameters());
    Map<String, float[]> found = Folders.values(again.parameters());
    assertThat(found).containsOnlyKeys(Architecture.headShapes(read.config()).keySet());
    ofHead.forEach((name, value) -> assertThat(found.get(name)).as(name).containsExactly(value));
    BertEncoder encoder = Folders.encoder(read, backend, arena, DType.F32);
    Map<String, float[]> states = Folders.values(encoder.parameters());
    states.forEach((name, value) -> assertThat(value).as(name).containsExactly(values.get(name)));

    // BertForMaskedLM refuses a head beside an encoder without its prefix.
    try (Safetensors file = Safetensors.open(target.resolve("model.safetensors"))) {
      assertThat(file.names()).allMatch(name -> name.matches("(bert|cls\\.predictions)\\..*"));
    }
    JsonNode config = new ObjectMapper().readTree(target.resolve("config.json").toFile());
    assertThat(config.at("/architectures/0").asText()).isEqualTo("BertForMaskedLM");
  }

  @Test
  void theStreamOfInitialValuesDecidesTheWeights() {
    ParameterSpace space = new ParameterSpace(backend, arena, DType.F32);
    RandomStream random = RandomStream.of(3, "initial", 0, 0);
    ModelInstance one = MODEL.build(VOCABULARY, space, random);
    ModelInstance same = MODEL.build(VOCABULARY, space, random);
    ModelInstance other = MODEL.build(VOCABULARY, space, RandomStream.of(4, "initial", 0, 0));
    assertThat(one.dims()).isEqualTo(16);
    assertThat(words(one)).containsExactly(words(same)).isNotEqualTo(words(other));
  }

  @Test
  void aTokenizerWithIdsBeyondTheEmbeddingIsRefused() {
    assertThatThrownBy(() -> folder(4, Map.of()))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageMatching("the tokenizer has ids up to \\d+, the embedding only 4 rows");
  }

  private static float[] words(ModelInstance model) {
    return model.parameters().get(0).value().toFloats();
  }

  private static BertFolder folder(int vocabulary, Map<String, String> prompts) {
    try {
      String tokenizer = Files.readString(Folders.of("bert").resolve("tokenizer.json"));
      return new BertFolder(MODEL.config(vocabulary), Pooling.CLS, 10, tokenizer, prompts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
