package io.batchwright.train.export;

import io.batchwright.data.token.SpecialTokens;
import io.batchwright.data.token.Tokenizer;
import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Backends;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.graph.Graph;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.ModelInstance;
import io.batchwright.train.model.PretrainedEncoder;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Encodes texts with a model that computes through the graph, such as a transformer.
 *
 * <p>A text without tokens gives the zero vector. Texts are sorted by length and packed into
 * batches of about {@value #TOKENS} tokens without padding; batches are computed in parallel, each
 * by one thread. A text's vector may differ in its last bits with the texts beside it, since matrix
 * products of another size may sum in another order.
 */
public final class ModelEncoder implements Encoder {
  /** Tokens of a batch: enough for fast matrix products, little enough for the caches. */
  private static final int TOKENS = 2048;

  private final ModelInstance model;
  private final Backend backend;
  private final Tokenization texts;
  private final Runnable onClose;

  /**
   * How texts become tokens.
   *
   * @param tokenizer loaded; it is not closed with the encoder
   * @param special tokens around every text
   * @param maxTokens the most tokens of a text, special ones included
   * @param prompts that stand before texts, by name
   */
  public record Tokenization(
      Tokenizer tokenizer, SpecialTokens special, int maxTokens, Map<String, String> prompts) {
    /** Copies the prompts. */
    public Tokenization {
      prompts = Map.copyOf(prompts);
    }
  }

  private ModelEncoder(ModelInstance model, Backend backend, Tokenization texts, Runnable onClose) {
    this.model = model;
    this.backend = backend;
    this.texts = texts;
    this.onClose = onClose;
  }

  /**
   * An encoder over a model in memory, whose parameters must stay alive; nothing is closed with it.
   */
  public static ModelEncoder of(ModelInstance model, Backend backend, Tokenization texts) {
    return new ModelEncoder(model, backend, texts, () -> {});
  }

  /**
   * Opens a transformer's folder on the best backend there is; closing the encoder frees all.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if it is damaged or not supported
   */
  public static ModelEncoder open(Path directory) {
    PretrainedFolder folder = PretrainedFolder.open(directory);
    Tokenizer tokenizer = Tokenizer.load(folder.tokenizerJson());
    Backend backend = Backends.select("auto");
    Arena weights = backend.arena("weights");
    try {
      ModelInstance model =
          new PretrainedEncoder(directory.toString())
              .build(1, backend, weights, RandomStream.of(0, "model", 0, 0));
      Tokenization texts =
          new Tokenization(
              tokenizer, tokenizer.specialTokens(), folder.maxTokens(), folder.prompts());
      return new ModelEncoder(model, backend, texts, () -> close(weights, backend, tokenizer));
    } catch (RuntimeException e) {
      close(weights, backend, tokenizer);
      throw e;
    }
  }

  private static void close(Arena weights, Backend backend, Tokenizer tokenizer) {
    weights.close();
    backend.close();
    tokenizer.close();
  }

  @Override
  public int dims() {
    return model.dims();
  }

  @Override
  public String tokenizerSha256() {
    return texts.tokenizer().sha256();
  }

  @Override
  public Map<String, String> prompts() {
    return texts.prompts();
  }

  @Override
  public int[][] tokens(List<String> batch) {
    int[][] tokens = texts.tokenizer().encode(batch);
    Arrays.setAll(tokens, i -> texts.special().around(tokens[i], texts.maxTokens()));
    return tokens;
  }

  @Override
  public float[][] encodeTokens(int[][] tokens) {
    float[][] vectors = new float[tokens.length][];
    Arrays.setAll(vectors, i -> tokens[i].length == 0 ? new float[dims()] : null);
    List<int[]> batches = batches(tokens);
    IntStream.range(0, batches.size())
        .parallel()
        .forEach(batch -> encode(tokens, batches.get(batch), vectors));
    return vectors;
  }

  /**
   * Places of texts that have tokens, the longest first; a batch has a text more only while there
   * is room.
   */
  private static List<int[]> batches(int[][] tokens) {
    int[] order =
        IntStream.range(0, tokens.length)
            .filter(i -> tokens[i].length > 0)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(i -> -tokens[i].length).thenComparingInt(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    List<int[]> batches = new ArrayList<>();
    int from = 0;
    while (from < order.length) {
      int to = from;
      int sum = 0;
      while (to < order.length && (to == from || sum + tokens[order[to]].length <= TOKENS)) {
        sum += tokens[order[to++]].length;
      }
      batches.add(Arrays.copyOfRange(order, from, to));
      from = to;
    }
    return batches;
  }

  private void encode(int[][] tokens, int[] places, float[][] vectors) {
    int[] offsets = new int[places.length + 1];
    for (int i = 0; i < places.length; i++) {
      offsets[i + 1] = offsets[i] + tokens[places[i]].length;
    }
    int[] flat = Arrays.stream(places).flatMap(i -> Arrays.stream(tokens[i])).toArray();
    try (Arena arena = backend.arena("encode")) {
      TextBatch batch =
          new TextBatch(
              arena.ints("tokens", flat, flat.length),
              arena.ints("cu_seqlens", offsets, offsets.length));
      float[] encoded =
          model
              .encode(new Graph(backend, arena), batch, ForwardPass.EVALUATION)
              .value()
              .toFloats(); // [B, D]
      for (int i = 0; i < places.length; i++) {
        vectors[places[i]] = Arrays.copyOfRange(encoded, i * dims(), (i + 1) * dims());
      }
    }
  }

  @Override
  public void close() {
    onClose.run();
  }
}
