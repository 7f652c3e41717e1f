package io.batchwright.train.model.huggingface;

import static io.batchwright.train.model.huggingface.IndependentTensors.attend;
import static io.batchwright.train.model.huggingface.IndependentTensors.gelu;
import static io.batchwright.train.model.huggingface.IndependentTensors.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.token.SpecialTokens;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.graph.Parameter;
import io.batchwright.train.layer.InitialValues;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.GptConfig;
import io.batchwright.train.model.GptDecoder;
import io.batchwright.train.model.TextBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is written is what {@code GPT2LMHeadModel} computes with: its forward pass, written down
 * here on its own by the file's names and shapes alone, gives the decoder's states.
 */
class GptFolderTest {
  private static final GptConfig CONFIG = new GptConfig(7, 8, 2, 2, 12, 6, 0.1, 0.2, 1e-5, 0.02);
  private static final int[] TOKENS = {3, 6, 1, 1, 5};
  private static final String TOKENIZER =
      """
      {"added_tokens":[{"id":0,"content":"<|endoftext|>","special":true}],
       "model":{"type":"BPE","vocab":{"<|endoftext|>":0,"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}}}
      """;

  private static final SpecialTokens END_OF_TEXT = new SpecialTokens(List.of(0), List.of(0));

  @TempDir Path folder;

  @Test
  void aForwardPassByTheFileGivesTheSameStates() throws IOException {
    double[] ours;
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("test")) {
      GptDecoder decoder = new GptDecoder(CONFIG, new ParameterSpace(backend, arena, DType.F32), 1);
      for (Parameter parameter : decoder.parameters()) {
        RandomStream random = RandomStream.of(9, parameter.name(), 0, 0);
        InitialValues.uniform(random, 0.5).fill(parameter.storage());
      }
      TextBatch batch =
          new TextBatch(
              arena.ints("tokens", TOKENS), arena.ints("offsets", new int[] {0, TOKENS.length}));
      ours =
          decoder
              .states(new Graph(backend, arena), batch, ForwardPass.EVALUATION)
              .value()
              .toDoubles();
      Map<String, float[]> values =
          decoder.parameters().stream()
              .collect(Collectors.toMap(Parameter::name, p -> p.value().toFloats()));
      new GptFolder(CONFIG, TOKENIZER, END_OF_TEXT).write(folder, values);
    }
    JsonNode config = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
    assertThat(config.path("model_type").asText()).isEqualTo("gpt2");
    assertThat(config.path("activation_function").asText()).isEqualTo("gelu");
    assertThat(config.path("eos_token_id").asInt(-1)).isZero();
    assertThat(config.path("n_inner").asInt()).isEqualTo(12);
    Gpt2 read = new Gpt2(folder, config);
    assertThat(read.tensors.count()).isEqualTo(2 + 2 * 12 + 2);
    assertThat(read.states(TOKENS)).containsExactly(ours, within(1e-5));
  }

  @Test
  void marksOfAnotherTokenizerAreItsBeginAndEnd() throws IOException {
    String tokenizer =
        """
        {"added_tokens":[{"id":1,"content":"[PAD]","special":true},
          {"id":2,"content":"[CLS]","special":true},{"id":3,"content":"[SEP]","special":true}],
         "model":{"type":"WordPiece","vocab":{"a":0,"[PAD]":1,"[CLS]":2,"[SEP]":3}}}
        """;
    Map<String, float[]> values;
    try (Backend backend = Backends.cpu();
        Arena arena = backend.arena("test")) {
      values =
          Folders.values(
              new GptDecoder(CONFIG, new ParameterSpace(backend, arena, DType.F32), 1)
                  .parameters());
    }
    GptFolder written = new GptFolder(CONFIG, tokenizer, new SpecialTokens(List.of(2), List.of(3)));
    written.write(folder, values);
    assertThat(written.begin()).contains("[CLS]");
    ObjectMapper json = new ObjectMapper();
    JsonNode config = json.readTree(folder.resolve("config.json").toFile());
    assertThat(config.path("bos_token_id").asInt(-1)).isEqualTo(2);
    assertThat(config.path("eos_token_id").asInt(-1)).isEqualTo(3);
    JsonNode named = json.readTree(folder.resolve("tokenizer_config.json").toFile());
    assertThat(named.path("bos_token").asText()).isEqualTo("[CLS]");
    assertThat(named.path("eos_token").asText()).isEqualTo("[SEP]");
    assertThat(named.path("pad_token").asText()).isEqualTo("[PAD]");
    assertThat(named.path("model_input_names"))
        .extracting(JsonNode::asText)
        .containsExactly("input_ids", "attention_mask");

    Path bare = Files.createDirectory(folder.resolve("bare"));
    new GptFolder(CONFIG, tokenizer, SpecialTokens.NONE).write(bare, values);
    JsonNode none = json.readTree(bare.resolve("config.json").toFile());
    assertThat(none.path("bos_token_id").isNull() && none.path("eos_token_id").isNull()).isTrue();
    assertThat(json.readTree(bare.resolve("tokenizer_config.json").toFile()).has("eos_token"))
        .isFalse();
  }

  @Test
  void aTokenizerThatDisagreesWithTheEmbeddingIsRefused() {
    GptConfig smaller = new GptConfig(6, 8, 2, 2, 12, 6, 0, 0, 1e-5, 0.02);
    assertThatThrownBy(() -> new GptFolder(smaller, TOKENIZER, END_OF_TEXT))
        .isInstanceOf(BatchwrightException.class)
        .hasMessageContaining("ids up to 6, the embedding only 6 rows");
  }

  /** GPT-2 in double precision, from the file by its format. */
  private static final class Gpt2 {
    private final IndependentTensors tensors;
    private final int dims;
    private final int heads;
    private final int layers;
    private final double epsilon;

    Gpt2(Path folder, JsonNode config) throws IOException {
      dims = config.path("n_embd").asInt();
      heads = config.path("n_head").asInt();
      layers = config.path("n_layer").asInt();
      epsilon = config.path("layer_norm_epsilon").asDouble();
      tensors = new IndependentTensors(folder.resolve("model.safetensors")).without("transformer.");
    }

    double[] states(int[] tokens) {
      double[][] x = new double[tokens.length][dims];
      for (int t = 0; t < tokens.length; t++) {
        tensors.addRow("wte.weight", tokens[t], x[t]);
        tensors.addRow("wpe.weight", t, x[t]);
      }
      for (int l = 0; l < layers; l++) {
        String layer = "h." + l;
        double[][] qkv =
            tensors.conv1d(layer + ".attn.c_attn", tensors.norm(layer + ".ln_1", x, epsilon));
        double[][] seen = attend(part(qkv, 0), part(qkv, 1), part(qkv, 2), heads, true);
        x = sum(x, tensors.conv1d(layer + ".attn.c_proj", seen));
        double[][] inner =
            tensors.conv1d(layer + ".mlp.c_fc", tensors.norm(layer + ".ln_2", x, epsilon));
        x = sum(x, tensors.conv1d(layer + ".mlp.c_proj", gelu(inner)));
      }
      return Arrays.stream(tensors.norm("ln_f", x, epsilon))
          .flatMapToDouble(Arrays::stream)
          .toArray();
    }

    /** Queries (0), keys (1) or values (2) of [T, 3 D]. */
    private double[][] part(double[][] qkv, int place) {
      return Arrays.stream(qkv)
          .map(row -> Arrays.copyOfRange(row, place * dims, (place + 1) * dims))
          .toArray(double[][]::new);
    }
  }
}
