package io.batchwright.train.model;

import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;

/**
 * BERT's encoder from random weights, trained on the recipe's pairs alone.
 *
 * <pre>e(x) = u / |u|,  u = pool(encoder([CLS] x [SEP]))     [D]</pre>
 *
 * <p><b>Deviations.</b> No pretraining by masked words and next sentences: a small encoder learns
 * from the pairs directly; no pooler; segments are not told apart. Vectors have unit length.
 *
 * <p><b>Recommendations.</b> From random weights take a peak rate of 3e-4 to 1e-3 with 10 %
 * warm-up, ten to twenty times what fine-tuning takes, and two to four layers; on less than about
 * 100,000 pairs compare with {@link StaticEmbedding} before anything larger. The mean of states
 * usually makes a better vector than the first token's where nothing was pretrained (Sentence-BERT,
 * 1908.10084, section 6). Special tokens are the tokenizer's; one that has none, such as {@code
 * ByteLevelBpe}, adds nothing.
 *
 * @param layers at least 1
 * @param dims D
 * @param heads attention heads, which divide D
 * @param feedForwardDims width of the inner layer, usually 4 D
 * @param maxTokens the most tokens of a text, special tokens included: rows of the position table
 * @param dropout of states, in [0, 1)
 * @param attentionDropout of attention weights, in [0, 1)
 * @param pooling of token states
 * @param activations kept, or computed again on the way back for less memory
 */
@Paper(
    title = "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    arxiv = "1810.04805",
    where = "Section 3, appendix A.2")
public record Bert(
    int layers,
    int dims,
    int heads,
    int feedForwardDims,
    int maxTokens,
    double dropout,
    double attentionDropout,
    Pooling pooling,
    Activations activations)
    implements Model {
  /** BERT-base, with the first token's state as its classifiers take it. */
  public static final Bert PAPER =
      new Bert(12, 768, 12, 3072, 512, 0.1, 0.1, Pooling.CLS, Activations.KEPT);

  /** BERT's other sizes: two token types, its epsilon, its initial deviation. */
  private static final int TYPES = 2;

  private static final double EPSILON = 1e-12;
  private static final double DEVIATION = 0.02;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Bert {
    Check.atLeast("Bert.layers", layers, 1);
    Check.atLeast("Bert.dims", dims, 1);
    Check.atLeast("Bert.heads", heads, 1);
    Check.that(
        dims % heads == 0, "Bert.heads", "must divide dims (%d), got %d".formatted(dims, heads));
    Check.atLeast("Bert.feedForwardDims", feedForwardDims, 1);
    Check.atLeast("Bert.maxTokens", maxTokens, 3);
    Check.range("Bert.dropout", dropout, 0, true, 1, false);
    Check.range("Bert.attentionDropout", attentionDropout, 0, true, 1, false);
    Check.that(pooling != null, "Bert.pooling", "must be MEAN, CLS or LAST");
    Check.that(activations != null, "Bert.activations", "must be KEPT or RECOMPUTED");
  }

  /** The sizes with a vocabulary. */
  public BertConfig config(int vocabularySize) {
    return new BertConfig(
        vocabularySize,
        dims,
        layers,
        heads,
        feedForwardDims,
        maxTokens,
        0,
        TYPES,
        dropout,
        attentionDropout,
        EPSILON,
        DEVIATION);
  }

  @Override
  public boolean specialTokens() {
    return true;
  }

  @Override
  public int longestText() {
    return maxTokens;
  }

  @Override
  public Sight sight() {
    return Sight.BOTH_SIDES;
  }

  @Override
  public BertEncoder network(int vocabularySize, ParameterSpace space, RandomStream random) {
    return new BertEncoder(config(vocabularySize), space, random.longAt(0), activations);
  }

  @Override
  public ModelInstance build(int vocabularySize, ParameterSpace space, RandomStream random) {
    return new PooledEncoder(network(vocabularySize, space, random), pooling);
  }
}
