package io.batchwright.train.export;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The first values of another encoder's vectors, scaled to unit length again: smaller vectors, of
 * use where the model was trained for it by {@link io.batchwright.train.loss.Matryoshka}.
 * Sentence-transformers calls it {@code truncate_dim}.
 */
public final class TruncatedEncoder implements Encoder {
  private final Encoder whole;
  private final int dims;

  /** See {@link Encoder#truncated}. */
  TruncatedEncoder(Encoder whole, int dims) {
    this.whole = whole;
    this.dims = dims;
  }

  @Override
  public int dims() {
    return dims;
  }

  @Override
  public String tokenizerSha256() {
    return whole.tokenizerSha256();
  }

  @Override
  public Map<String, String> prompts() {
    return whole.prompts();
  }

  @Override
  public int[][] tokens(List<String> texts) {
    return whole.tokens(texts);
  }

  @Override
  public float[][] encodeTokens(int[][] tokens) {
    float[][] vectors = whole.encodeTokens(tokens);
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = Arrays.copyOf(vectors[i], dims);
      StaticEncoder.normalize(vectors[i]);
    }
    return vectors;
  }

  @Override
  public void close() {
    whole.close();
  }
}
