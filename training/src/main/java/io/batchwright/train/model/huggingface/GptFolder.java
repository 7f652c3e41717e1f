package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.token.SpecialTokens;
import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.train.model.GptConfig;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a decoder as a folder that Hugging Face's {@code GPT2LMHeadModel} loads.
 *
 * <p>Its linear layers are stored [in, out], and query, key and value are one of them, {@code
 * c_attn}; the output's matrix is the table of words and is not stored twice. The activation is
 * {@code gelu}, the exact one, as {@code GptDecoder} computes.
 *
 * @param config sizes
 * @param tokenizerJson the text of its tokenizer.json
 * @param marks that stood around the documents it was trained on; the first and the last are its
 *     {@code bos} and {@code eos}
 */
public record GptFolder(GptConfig config, String tokenizerJson, SpecialTokens marks) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "transformer.";

  /**
   * Checks the vocabulary.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if the tokenizer has ids beyond the
   *     embedding
   */
  public GptFolder {
    TokenizerDescription.of(tokenizerJson).requireRows("embedding", config.vocabularySize());
  }

  /**
   * Fills an empty folder.
   *
   * @param values each parameter of {@code GptDecoder} by name, row by row
   * @throws IllegalArgumentException if one is missing
   */
  public void write(Path target, Map<String, float[]> values) throws IOException {
    SafetensorsWriter.write(
        target.resolve(PretrainedFolder.WEIGHTS),
        Map.of("format", "pt"),
        new Tensors(config, values).all());
    SentenceModules.write(target.resolve(PretrainedFolder.CONFIG), sizes());
    Files.writeString(target.resolve(PretrainedFolder.TOKENIZER), tokenizerJson);
    SentenceModules.write(target.resolve("tokenizer_config.json"), tokenizer());
  }

  private ObjectNode sizes() {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add("GPT2LMHeadModel");
    json.put("model_type", "gpt2")
        .put("vocab_size", config.vocabularySize())
        .put("n_positions", config.maxPositions())
        .put("n_embd", config.dims())
        .put("n_layer", config.layers())
        .put("n_head", config.heads())
        .put("n_inner", config.feedForwardDims())
        .put("activation_function", "gelu")
        .put("resid_pdrop", config.dropout())
        .put("embd_pdrop", config.dropout())
        .put("attn_pdrop", config.attentionDropout())
        .put("layer_norm_epsilon", config.layerNormEpsilon())
        .put("initializer_range", config.initialDeviation())
        .put("tie_word_embeddings", true)
        .put("torch_dtype", "float32");
    // Null where there is none: GPT-2's own ids, which the class would assume, are none here.
    return json.put("bos_token_id", beginId().orElse(null))
        .put("eos_token_id", endId().orElse(null));
  }

  private Optional<Integer> beginId() {
    return marks.before().stream().findFirst();
  }

  private Optional<Integer> endId() {
    return marks.after().stream().reduce((earlier, later) -> later);
  }

  /** The text of the mark that a document begins with, if there is one. */
  public Optional<String> begin() {
    return beginId().flatMap(this::text);
  }

  private Optional<String> text(int token) {
    return TokenizerDescription.specialTokens(tokenizerJson).entrySet().stream()
        .filter(special -> special.getValue() == token)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private ObjectNode tokenizer() {
    ObjectNode json =
        JSON.createObjectNode()
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("model_max_length", config.maxPositions())
            .put("clean_up_tokenization_spaces", false);
    // With token types GPT-2 would add the vector of token 0 to each state.
    json.putArray("model_input_names").add("input_ids").add("attention_mask");
    begin().ifPresent(mark -> json.put("bos_token", mark));
    endId()
        .flatMap(this::text)
        .ifPresent(
            mark -> {
              json.put("eos_token", mark);
              json.put("pad_token", special("[PAD]").orElse(mark));
              json.put("unk_token", special("[UNK]").orElse(mark));
            });
    return json;
  }

  private Optional<String> special(String text) {
    return TokenizerDescription.specialTokens(tokenizerJson).containsKey(text)
        ? Optional.of(text)
        : Optional.empty();
  }

  /** The tensors of the file, made of the parameters. */
  private record Tensors(GptConfig config, Map<String, float[]> values) {

    Map<String, SafetensorsWriter.Values> all() {
      int d = config.dims();
      int f = config.feedForwardDims();
      Map<String, SafetensorsWriter.Values> tensors = new HashMap<>();
      put(tensors, "wte.weight", of("wte.weight"), config.vocabularySize(), d);
      put(tensors, "wpe.weight", of("wpe.weight"), config.maxPositions(), d);
      for (int l = 0; l < config.layers(); l++) {
        String layer = "h." + l;
        norm(tensors, layer + ".ln_1");
        attention(tensors, layer + ".attn");
        linear(tensors, layer + ".attn.c_proj", d, d);
        norm(tensors, layer + ".ln_2");
        linear(tensors, layer + ".mlp.c_fc", f, d);
        linear(tensors, layer + ".mlp.c_proj", d, f);
      }
      norm(tensors, "ln_f");
      return tensors;
    }

    private void norm(Map<String, SafetensorsWriter.Values> tensors, String name) {
      put(tensors, name + ".weight", of(name + ".weight"), config.dims());
      put(tensors, name + ".bias", of(name + ".bias"), config.dims());
    }

    /** [out, in] becomes [in, out]. */
    private void linear(
        Map<String, SafetensorsWriter.Values> tensors, String name, int out, int in) {
      float[] transposed = new float[in * out];
      transpose(of(name + ".weight"), in, transposed, out, 0);
      put(tensors, name + ".weight", transposed, in, out);
      put(tensors, name + ".bias", of(name + ".bias"), out);
    }

    /** Three of [D, D] become one of [D, 3 D]. */
    private void attention(Map<String, SafetensorsWriter.Values> tensors, String name) {
      int d = config.dims();
      float[] weight = new float[3 * d * d];
      float[] bias = new float[3 * d];
      int column = 0;
      for (String part : new String[] {".query", ".key", ".value"}) {
        transpose(of(name + part + ".weight"), d, weight, 3 * d, column);
        System.arraycopy(of(name + part + ".bias"), 0, bias, column, d);
        column += d;
      }
      put(tensors, name + ".c_attn.weight", weight, d, 3 * d);
      put(tensors, name + ".c_attn.bias", bias, 3 * d);
    }

    /** Row o of {@code from}, [O, I], becomes column {@code first + o} of {@code to}. */
    private static void transpose(float[] from, int in, float[] to, int columns, int first) {
      for (int o = 0; o < from.length / in; o++) {
        for (int i = 0; i < in; i++) {
          to[i * columns + first + o] = from[o * in + i];
        }
      }
    }

    private float[] of(String parameter) {
      float[] value = values.get(parameter);
      if (value == null) {
        throw new IllegalArgumentException("no values for the parameter " + parameter);
      }
      return value;
    }

    private static void put(
        Map<String, SafetensorsWriter.Values> tensors, String name, float[] values, int... dims) {
      tensors.put(PREFIX + name, new SafetensorsWriter.Floats(dims, values));
    }
  }
}
