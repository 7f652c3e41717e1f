package io.batchwright.train.model;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.layer.Activations;
import io.batchwright.train.layer.ParameterSpace;

/**
 * GPT-2's decoder from random weights, for {@code train.objective: {name: CausalLanguageModel}}.
 *
 * <p><b>Deviations.</b> Those of {@link GptDecoder}: the exact GELU. It gives no vectors of texts.
 *
 * <p><b>Recommendations.</b> A peak rate of 6e-4 at the size of GPT-2, up to 3e-3 for a few layers;
 * AdamW with a second beta of 0.95 and a decay of 0.1, gradients clipped at norm 1. Dropout 0 where
 * the corpus is read once.
 *
 * @param layers at least 1
 * @param dims D
 * @param heads attention heads, which divide D
 * @param feedForwardDims width of the inner layer, usually 4 D
 * @param maxTokens the most tokens of a text: rows of the position table
 * @param dropout of states, in [0, 1)
 * @param attentionDropout of attention weights, in [0, 1)
 * @param activations kept, or computed again on the way back for less memory
 */
@Paper(
    title = "Language Models are Unsupervised Multitask Learners",
    where = "Section 2.3 (OpenAI, 2019)")
public record Gpt(
    int layers,
    int dims,
    int heads,
    int feedForwardDims,
    int maxTokens,
    double dropout,
    double attentionDropout,
    Activations activations)
    implements Model {
  /** GPT-2's smallest size. */
  public static final Gpt PAPER = new Gpt(12, 768, 12, 3072, 1024, 0.1, 0.1, Activations.KEPT);

  private static final double EPSILON = 1e-5;
  private static final double DEVIATION = 0.02;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public Gpt {
    Check.atLeast("Gpt.layers", layers, 1);
    Check.atLeast("Gpt.dims", dims, 1);
    Check.atLeast("Gpt.heads", heads, 1);
    Check.that(
        dims % heads == 0, "Gpt.heads", "must divide dims (%d), got %d".formatted(dims, heads));
    Check.atLeast("Gpt.feedForwardDims", feedForwardDims, 1);
    Check.atLeast("Gpt.maxTokens", maxTokens, 2);
    Check.range("Gpt.dropout", dropout, 0, true, 1, false);
    Check.range("Gpt.attentionDropout", attentionDropout, 0, true, 1, false);
    Check.that(activations != null, "Gpt.activations", "must be KEPT or RECOMPUTED");
  }

  /** The sizes with a vocabulary. */
  public GptConfig config(int vocabularySize) {
    return new GptConfig(
        vocabularySize,
        dims,
        layers,
        heads,
        feedForwardDims,
        maxTokens,
        dropout,
        attentionDropout,
        EPSILON,
        DEVIATION);
  }

  @Override
  public int longestText() {
    return maxTokens;
  }

  @Override
  public Sight sight() {
    return Sight.BEFORE;
  }

  @Override
  public TokenNetwork network(int vocabularySize, ParameterSpace space, RandomStream random) {
    return new GptDecoder(config(vocabularySize), space, random.longAt(0), activations);
  }

  @Override
  public ModelInstance build(int vocabularySize, ParameterSpace space, RandomStream random) {
    throw BatchwrightException.usage(
        "Gpt gives no vectors of texts: it is trained by train.objective: {name:"
            + " CausalLanguageModel}");
  }
}
