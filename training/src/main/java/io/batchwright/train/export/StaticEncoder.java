package io.batchwright.train.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.data.token.TokenizerDescription;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import io.batchwright.train.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Encodes texts with a static embedding: no special tokens, mean over tokens, unit length.
 *
 * <p>A text without tokens gives the zero vector. Texts are encoded in parallel, each by one
 * thread, so results do not depend on how many there are. May be shared between threads.
 */
public final class StaticEncoder implements Encoder {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Tensors by which model2vec shares rows between tokens and weighs tokens. */
  private static final List<String> CHANGING = List.of("mapping", "weights");

  private final Tokenizer tokenizer;
  private final float[][] table;
  private final Map<String, String> prompts;

  private StaticEncoder(Tokenizer tokenizer, float[][] table, Map<String, String> prompts) {
    this.tokenizer = tokenizer;
    this.table = table;
    this.prompts = prompts;
  }

  /**
   * Opens a folder in sentence-transformers' StaticEmbedding layout, ours or anybody's.
   *
   * @throws IOException if a file is missing, damaged, or names a module this encoder has not, or
   *     the table is empty, has a value that is not finite, or comes with tensors that change what
   *     its rows mean
   * @throws io.batchwright.data.failure.BatchwrightException if the tokenizer has ids beyond the
   *     table
   */
  public static StaticEncoder open(Path directory) throws IOException {
    ModelManifest.verify(directory);
    Path embedding = directory.resolve(embeddingPath(directory));
    Path file = embedding.resolve(SentenceTransformersFolder.WEIGHTS);
    float[][] table = table(file);
    String tokenizer = Files.readString(embedding.resolve(SentenceTransformersFolder.TOKENIZER));
    TokenizerDescription.of(tokenizer).requireRows("table in " + file, table.length);
    return new StaticEncoder(Tokenizer.load(tokenizer), table, prompts(directory));
  }

  private static float[][] table(Path file) throws IOException {
    try (Safetensors weights = Safetensors.open(file)) {
      boolean ours = weights.names().contains(SentenceTransformersFolder.TENSOR);
      // model2vec calls the same table "embeddings".
      String name = ours ? SentenceTransformersFolder.TENSOR : "embeddings";
      for (String other : CHANGING) {
        if (weights.names().contains(other)) {
          throw new IOException(
              "%s: tensor %s is not supported beside %s, which must have a row of its own for every"
                      .formatted(file, other, name)
                  + " token");
        }
      }
      float[][] table = weights.readRows(name); // [V, D]
      if (table.length == 0 || table[0].length == 0) {
        throw new IOException(
            "%s: tensor %s is empty, its shape is %s"
                .formatted(file, name, Arrays.toString(weights.shape(name))));
      }
      for (int row = 0; row < table.length; row++) {
        weights.requireFinite(name, table[row], (long) row * table[row].length);
      }
      return table;
    }
  }

  /**
   * An encoder over a table in memory. Closing it closes the tokenizer.
   *
   * @param table [V, D], a row per token id
   */
  public static StaticEncoder of(Tokenizer tokenizer, float[][] table) {
    return of(tokenizer, table, Map.of());
  }

  /** {@link #of(Tokenizer, float[][])} with prompts by name. */
  public static StaticEncoder of(
      Tokenizer tokenizer, float[][] table, Map<String, String> prompts) {
    return new StaticEncoder(tokenizer, table, Map.copyOf(prompts));
  }

  private static String embeddingPath(Path directory) throws IOException {
    Path file = directory.resolve(SentenceTransformersFolder.MODULES);
    if (!Files.exists(file)) {
      throw new IOException(
          directory + " is not a model folder: it has no " + SentenceTransformersFolder.MODULES);
    }
    String path = null;
    for (JsonNode module : JSON.readTree(file.toFile())) {
      String type = module.path("type").asText();
      String name = type.substring(type.lastIndexOf('.') + 1);
      if (name.equals("StaticEmbedding")) {
        path = module.path("path").asText();
      } else if (!name.equals("Normalize")) {
        throw new IOException(
            file + ": module " + type + " is not supported, only StaticEmbedding and Normalize");
      }
    }
    if (path == null) {
      throw new IOException(file + ": no StaticEmbedding module");
    }
    return path;
  }

  private static Map<String, String> prompts(Path directory) throws IOException {
    Path file = directory.resolve(PretrainedFolder.PROMPTS);
    Map<String, String> prompts = new TreeMap<>();
    if (Files.exists(file)) {
      for (Map.Entry<String, JsonNode> prompt :
          JSON.readTree(file.toFile()).path("prompts").properties()) {
        prompts.put(prompt.getKey(), prompt.getValue().asText());
      }
    }
    return prompts;
  }

  @Override
  public int dims() {
    return table[0].length;
  }

  /** How many token ids the table has. */
  public int vocabulary() {
    return table.length;
  }

  @Override
  public String tokenizerSha256() {
    return tokenizer.sha256();
  }

  @Override
  public Map<String, String> prompts() {
    return Map.copyOf(prompts);
  }

  @Override
  public int[][] tokens(List<String> texts) {
    return tokenizer.encode(texts);
  }

  @Override
  public float[][] encodeTokens(int[][] texts) {
    float[][] encoded = new float[texts.length][];
    IntStream.range(0, texts.length).parallel().forEach(i -> encoded[i] = encodeTokens(texts[i]));
    return encoded;
  }

  private float[] encodeTokens(int[] tokens) {
    float[] sum = new float[dims()];
    for (int token : tokens) {
      if (token < 0 || token >= table.length) {
        throw new IllegalArgumentException(
            "token id %d is outside the table of %d rows".formatted(token, table.length));
      }
      add(sum, table[token]);
    }
    normalize(sum);
    return sum;
  }

  /** Separate row arrays, indexed from zero: the form C2 turns into vector instructions. */
  private static void add(float[] sum, float[] row) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += row[i];
    }
  }

  /** The mean and the sum have the same direction, so the division by the count is left out. */
  static void normalize(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float scale = squares > 0 ? (float) (1 / Math.sqrt(squares)) : 0;
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
