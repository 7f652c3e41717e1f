package io.batchwright.train.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.train.model.huggingface.SentenceModules;
import io.batchwright.train.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes a model folder that sentence-transformers loads.
 *
 * <pre>
 * modules.json                          legacy module names, which every version from 3.2 on accepts
 * config_sentence_transformers.json     prompts, cosine similarity
 * 0_StaticEmbedding/model.safetensors   one F32 tensor, embedding.weight [V, D]
 * 0_StaticEmbedding/tokenizer.json
 * 1_Normalize/config.json
 * README.md                             the model card
 * batchwright.json                      where the model comes from; sizes and checksums
 * </pre>
 *
 * <p>The folder is written aside, {@code batchwright.json} last, and moved into place, so a folder
 * that has the name is complete.
 */
public final class SentenceTransformersFolder {
  static final String MODULES = "modules.json";
  static final String EMBEDDING = "0_StaticEmbedding";
  static final String NORMALIZE = "1_Normalize";
  static final String WEIGHTS = "model.safetensors";
  static final String TOKENIZER = "tokenizer.json";
  static final String TENSOR = "embedding.weight";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SentenceTransformersFolder() {}

  /** Everything a folder is made of. */
  public record Contents(
      StaticEmbeddingWeights weights,
      String tokenizerJson,
      Map<String, String> prompts,
      ModelCard card,
      SortedMap<String, String> provenance) {
    /** A model whose queries and documents are encoded as they are. */
    public static Contents of(
        StaticEmbeddingWeights weights,
        String tokenizerJson,
        ModelCard card,
        SortedMap<String, String> provenance) {
      return new Contents(weights, tokenizerJson, Map.of(), card, provenance);
    }
  }

  /**
   * Writes the folder {@code directory}. One that is there is replaced if it carries {@code
   * batchwright.json} or is empty.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if the tokenizer has ids beyond the
   *     table, or the folder is not ours
   */
  public static void write(Path directory, Contents contents) throws IOException {
    TokenizerDescription.of(contents.tokenizerJson())
        .requireRows("table", contents.weights().vocabulary());
    FolderFiles.publish(directory, contents.provenance(), folder -> fill(folder, contents));
  }

  private static void fill(Path folder, Contents contents) throws IOException {
    Files.createDirectories(folder.resolve(EMBEDDING));
    Files.createDirectories(folder.resolve(NORMALIZE));
    StaticEmbeddingWeights weights = contents.weights();
    SafetensorsWriter.write(
        folder.resolve(EMBEDDING).resolve(WEIGHTS),
        Map.of("format", "pt"),
        Map.of(
            TENSOR,
            new SafetensorsWriter.Floats(
                new int[] {weights.vocabulary(), weights.dims()}, weights.table())));
    Files.writeString(folder.resolve(EMBEDDING).resolve(TOKENIZER), contents.tokenizerJson());
    writeJson(folder.resolve(NORMALIZE).resolve("config.json"), JSON.createObjectNode());
    writeJson(folder.resolve(MODULES), modules());
    SentenceModules.writePrompts(folder, contents.prompts());
    Files.writeString(
        folder.resolve("README.md"),
        contents
            .card()
            .markdown(
                "static-embedding",
                "A static embedding: the mean of its tokens' vectors, scaled to unit length."
                    + " %,d tokens, %d dims.".formatted(weights.vocabulary(), weights.dims())));
  }

  private static ArrayNode modules() {
    ArrayNode modules = JSON.createArrayNode();
    addModule(modules, EMBEDDING, "sentence_transformers.models.StaticEmbedding");
    addModule(modules, NORMALIZE, "sentence_transformers.models.Normalize");
    return modules;
  }

  private static void addModule(ArrayNode modules, String path, String type) {
    int index = modules.size();
    modules
        .addObject()
        .put("idx", index)
        .put("name", Integer.toString(index))
        .put("path", path)
        .put("type", type);
  }

  private static void writeJson(Path file, JsonNode json) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(json) + "\n");
  }
}
