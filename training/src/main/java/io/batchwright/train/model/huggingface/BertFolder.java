package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.tensor.Shape;
import io.batchwright.train.model.BertConfig;
import io.batchwright.train.model.BertEncoder;
import io.batchwright.train.model.Pooling;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes an encoder that was trained from random weights as a folder that Hugging Face's {@code
 * BertModel} and sentence-transformers load; {@link PretrainedFolder} reads it back. With the head
 * of a masked language model it is a {@code BertForMaskedLM}, which they take the encoder of.
 *
 * @param config sizes; positions start at 0 and there are token types
 * @param pooling of token states; vectors have unit length
 * @param maxTokens the most tokens of a text, special tokens included
 * @param tokenizerJson the text of its tokenizer.json
 * @param prompts that stand before texts, by name
 */
public record BertFolder(
    BertConfig config,
    Pooling pooling,
    int maxTokens,
    String tokenizerJson,
    Map<String, String> prompts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What {@code tokenizer_config.json} calls the special tokens of BERT. */
  private static final Map<String, String> BERT_TOKENS =
      Map.of(
          "[PAD]", "pad_token",
          "[UNK]", "unk_token",
          "[CLS]", "cls_token",
          "[SEP]", "sep_token",
          "[MASK]", "mask_token");

  /**
   * Copies the prompts.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if the tokenizer has ids beyond the
   *     embedding
   * @throws IllegalArgumentException if the sizes are not those of a {@code BertModel}
   */
  public BertFolder {
    prompts = Map.copyOf(prompts);
    if (config.positionOffset() != 0 || config.typeVocabularySize() == 0) {
      throw new IllegalArgumentException("a BertModel has positions from 0 and token types");
    }
    TokenizerDescription.of(tokenizerJson).requireRows("embedding", config.vocabularySize());
  }

  /**
   * Fills an empty folder.
   *
   * @param values each parameter of {@code BertEncoder} by name, row by row; with those of a head
   *     it is written, too
   * @throws IllegalArgumentException if one is missing
   */
  public void write(Path target, Map<String, float[]> values) throws IOException {
    Map<String, Shape> head = Architecture.headShapes(config);
    boolean whole = values.keySet().containsAll(head.keySet());
    String before = whole ? Architecture.BERT.prefix() : "";
    Map<String, SafetensorsWriter.Values> tensors = new HashMap<>();
    BertEncoder.shapes(config)
        .forEach(
            (name, shape) ->
                tensors.put(before + name, EncoderTensors.floats(shape, name, values.get(name))));
    if (whole) {
      head.forEach(
          (name, shape) -> tensors.put(name, EncoderTensors.floats(shape, name, values.get(name))));
    }
    SafetensorsWriter.write(
        target.resolve(PretrainedFolder.WEIGHTS), Map.of("format", "pt"), tensors);
    SentenceModules.write(
        target.resolve(PretrainedFolder.CONFIG), sizes(whole ? "BertForMaskedLM" : "BertModel"));
    Files.writeString(target.resolve(PretrainedFolder.TOKENIZER), tokenizerJson);
    SentenceModules.write(target.resolve("tokenizer_config.json"), tokenizer());
    new SentenceModules("", pooling, true, maxTokens, false).write(target, config.dims());
    SentenceModules.writePrompts(target, prompts);
  }

  private ObjectNode sizes(String kind) {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add(kind);
    return json.put("model_type", Architecture.BERT.modelType())
        .put("vocab_size", config.vocabularySize())
        .put("hidden_size", config.dims())
        .put("num_hidden_layers", config.layers())
        .put("num_attention_heads", config.heads())
        .put("intermediate_size", config.feedForwardDims())
        .put("max_position_embeddings", config.maxPositions())
        .put("type_vocab_size", config.typeVocabularySize())
        .put("hidden_act", "gelu")
        .put("hidden_dropout_prob", config.dropout())
        .put("attention_probs_dropout_prob", config.attentionDropout())
        .put("layer_norm_eps", config.layerNormEpsilon())
        .put("initializer_range", config.initialDeviation())
        .put("position_embedding_type", "absolute")
        .put("pad_token_id", 0)
        .put("torch_dtype", "float32");
  }

  /** Reads tokenizer.json as it is: {@code BertTokenizerFast} would change its normalizer. */
  private ObjectNode tokenizer() throws IOException {
    ObjectNode json =
        JSON.createObjectNode()
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("model_max_length", maxTokens)
            .put("clean_up_tokenization_spaces", false);
    JsonNode added = JSON.readTree(tokenizerJson).path("added_tokens");
    for (JsonNode token : added) {
      String content = token.path("content").asText();
      if (BERT_TOKENS.containsKey(content)) {
        json.put(BERT_TOKENS.get(content), content);
      }
    }
    // A batch is padded with the first special token where none is meant for it.
    if (!json.has("pad_token") && !added.isEmpty()) {
      json.put("pad_token", added.path(0).path("content").asText());
    }
    return json;
  }
}
