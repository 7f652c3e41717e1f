package io.batchwright.train.model.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.Bert;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.Pooling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    JsonNode tokenizer =
        new ObjectMapper().readTree(target.resolve("tokenizer_config.json").toFile());
    assertThat(tokenizer.path("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
    assertThat(tokenizer.path("cls_token").asText()).isEqualTo("[CLS]");
    assertThat(tokenizer.path("pad_token").asText()).isEqualTo("[PAD]");
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
