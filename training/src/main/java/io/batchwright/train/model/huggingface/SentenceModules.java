package io.batchwright.train.model.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.train.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What sentence-transformers puts around an encoder: how token states become one vector, and how
 * long a text may be.
 *
 * @param transformer where the encoder lies, relative to the folder; empty for the folder itself
 * @param pooling of token states
 * @param normalize whether vectors are scaled to unit length
 * @param maxTokens the longest text with its special tokens, 0 where nothing is said
 * @param lowerCase whether texts are put into small letters before they are tokenized
 */
public record SentenceModules(
    String transformer, Pooling pooling, boolean normalize, int maxTokens, boolean lowerCase) {
  /** The file that lists the modules. */
  public static final String FILE = "modules.json";

  private static final String POOLING = "1_Pooling";
  private static final String NORMALIZE = "2_Normalize";
  private static final String PACKAGE = "sentence_transformers.models.";

  /** The first version with StaticEmbedding; a newer one than the reader's would make it warn. */
  private static final String VERSION = "3.2.0";

  /** The names that versions of sentence-transformers gave the same file. */
  private static final List<String> LENGTHS =
      List.of(
          "sentence_bert_config.json",
          "sentence_roberta_config.json",
          "sentence_distilbert_config.json",
          "sentence_xlm-roberta_config.json");

  private static final Map<String, Pooling> POOLINGS =
      Map.of(
          "pooling_mode_cls_token", Pooling.CLS,
          "pooling_mode_mean_tokens", Pooling.MEAN,
          "pooling_mode_lasttoken", Pooling.LAST);

  private static final Map<String, Pooling> SHORT_POOLINGS =
      Map.of("cls", Pooling.CLS, "mean", Pooling.MEAN, "lasttoken", Pooling.LAST);

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * Reads the modules of a folder. One without {@value #FILE} is a bare encoder, which gets what
   * sentence-transformers gives it: the mean of token states.
   *
   * @throws BatchwrightException if there are modules other than Transformer, Pooling and Normalize
   */
  static SentenceModules read(Path folder) {
    if (!Files.exists(folder.resolve(FILE))) {
      return new SentenceModules("", Pooling.MEAN, false, 0, false);
    }
    JsonFields modules = JsonFields.read(folder.resolve(FILE));
    String transformer = null;
    String pooling = null;
    boolean normalize = false;
    for (JsonNode module : modules.root()) {
      String type = module.path("type").asText();
      String path = module.path("path").asText();
      switch (type.substring(type.lastIndexOf('.') + 1)) {
        case "Transformer" -> transformer = path;
        case "Pooling" -> pooling = path;
        case "Normalize" -> normalize = true;
        default ->
            throw modules.refused(
                "module %s is not supported, only Transformer, Pooling and Normalize"
                    .formatted(type));
      }
    }
    if (transformer == null || pooling == null) {
      throw modules.refused("a Transformer and a Pooling module are needed");
    }
    return lengths(folder.resolve(transformer))
        .with(
            transformer,
            pooling(JsonFields.read(folder.resolve(pooling).resolve("config.json"))),
            normalize);
  }

  private SentenceModules with(String folder, Pooling mode, boolean unitLength) {
    return new SentenceModules(folder, mode, unitLength, maxTokens, lowerCase);
  }

  private static SentenceModules lengths(Path transformer) {
    Path file = lengthsFile(transformer);
    if (!Files.exists(file)) {
      return new SentenceModules("", Pooling.MEAN, false, 0, false);
    }
    JsonFields json = JsonFields.read(file);
    return new SentenceModules(
        "", Pooling.MEAN, false, json.integer("max_seq_length", 0), json.flag("do_lower_case"));
  }

  /** The file of the greatest length, by the first of its names that is there. */
  static Path lengthsFile(Path transformer) {
    return LENGTHS.stream()
        .map(transformer::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElse(transformer.resolve(LENGTHS.get(0)));
  }

  /** Newer versions name one mode, older ones have a flag for each. */
  private static Pooling pooling(JsonFields json) {
    if (json.root().hasNonNull("include_prompt") && !json.flag("include_prompt")) {
      throw json.refused("include_prompt: false (prompts left out of pooling) is not supported");
    }
    if (json.root().hasNonNull("pooling_mode")) {
      Pooling pooling = SHORT_POOLINGS.get(json.text("pooling_mode", ""));
      if (pooling == null) {
        throw json.refused(
            "pooling_mode %s is not supported, only cls, mean, lasttoken"
                .formatted(json.root().path("pooling_mode")));
      }
      return pooling;
    }
    Pooling found = null;
    for (Map.Entry<String, JsonNode> field : json.root().properties()) {
      if (field.getKey().startsWith("pooling_mode_") && field.getValue().asBoolean()) {
        Pooling pooling = POOLINGS.get(field.getKey());
        if (pooling == null || found != null) {
          throw json.refused(
              "%s is not supported; exactly one of cls_token, mean_tokens, lasttoken must be true"
                  .formatted(field.getKey()));
        }
        found = pooling;
      }
    }
    if (found == null) {
      throw json.refused("no pooling mode is true");
    }
    return found;
  }

  /**
   * Writes {@value #FILE}, the folders of Pooling and Normalize, and the greatest length, for an
   * encoder that lies in {@code folder} itself.
   *
   * @param dims of the encoder's states, D
   */
  public void write(Path folder, int dims) throws IOException {
    ArrayNode modules = JSON.createArrayNode();
    add(modules, "", "Transformer");
    add(modules, POOLING, "Pooling");
    if (normalize) {
      add(modules, NORMALIZE, "Normalize");
      write(folder.resolve(NORMALIZE).resolve("config.json"), JSON.createObjectNode());
    }
    write(folder.resolve(FILE), modules);
    ObjectNode mode = JSON.createObjectNode().put("word_embedding_dimension", dims);
    POOLINGS.keySet().stream()
        .sorted()
        .forEach(name -> mode.put(name, POOLINGS.get(name) == pooling));
    mode.put("pooling_mode_max_tokens", false).put("pooling_mode_mean_sqrt_len_tokens", false);
    write(folder.resolve(POOLING).resolve("config.json"), mode);
    write(
        folder.resolve(LENGTHS.get(0)),
        JSON.createObjectNode().put("max_seq_length", maxTokens).put("do_lower_case", lowerCase));
  }

  /**
   * Writes {@code config_sentence_transformers.json}: prompts, and cosine as the similarity.
   *
   * @param prompts by name, such as {@code query}
   */
  public static void writePrompts(Path folder, Map<String, String> prompts) throws IOException {
    ObjectNode config = JSON.createObjectNode().put("model_type", "SentenceTransformer");
    config.putObject("__version__").put("sentence_transformers", VERSION);
    ObjectNode named = config.putObject("prompts");
    new TreeMap<>(prompts).forEach(named::put);
    config.putNull("default_prompt_name").put("similarity_fn_name", "cosine");
    write(folder.resolve(PretrainedFolder.PROMPTS), config);
  }

  private static void add(ArrayNode modules, String path, String type) {
    String place = Integer.toString(modules.size());
    modules
        .addObject()
        .put("idx", modules.size() - 1)
        .put("name", place)
        .put("path", path)
        .put("type", PACKAGE + type);
  }

  static void write(Path file, JsonNode json) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, JSON.writeValueAsString(json) + "\n");
  }
}
