package io.batchwright.train.model;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * The shape of a decoder of GPT-2's family, with the meanings of Hugging Face's {@code
 * config.json}.
 *
 * @param vocabularySize V, {@code vocab_size}
 * @param dims D, {@code n_embd}
 * @param layers {@code n_layer}, at least 1
 * @param heads {@code n_head}, which divides D
 * @param feedForwardDims F, {@code n_inner}, usually 4 D
 * @param maxPositions rows of the position table, {@code n_positions}
 * @param dropout of embeddings and layers' outputs, {@code resid_pdrop}, in [0, 1)
 * @param attentionDropout {@code attn_pdrop}, in [0, 1)
 * @param layerNormEpsilon {@code layer_norm_epsilon}
 * @param initialDeviation {@code initializer_range}
 */
public record GptConfig(
    int vocabularySize,
    int dims,
    int layers,
    int heads,
    int feedForwardDims,
    int maxPositions,
    double dropout,
    double attentionDropout,
    double layerNormEpsilon,
    double initialDeviation)
    implements Serializable {

  /** GPT-2's smallest size. */
  public static final GptConfig PAPER =
      new GptConfig(50_257, 768, 12, 12, 3072, 1024, 0.1, 0.1, 1e-5, 0.02);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a field is out of its range
   */
  public GptConfig {
    Check.atLeast("GptConfig.vocabularySize", vocabularySize, 1);
    Check.atLeast("GptConfig.dims", dims, 1);
    Check.atLeast("GptConfig.layers", layers, 1);
    Check.atLeast("GptConfig.heads", heads, 1);
    Check.that(
        dims % heads == 0,
        "GptConfig.heads",
        "must divide dims (%d), got %d".formatted(dims, heads));
    Check.atLeast("GptConfig.feedForwardDims", feedForwardDims, 1);
    Check.atLeast("GptConfig.maxPositions", maxPositions, 1);
    Check.range("GptConfig.dropout", dropout, 0, true, 1, false);
    Check.range("GptConfig.attentionDropout", attentionDropout, 0, true, 1, false);
    Check.positive("GptConfig.layerNormEpsilon", layerNormEpsilon);
    Check.positive("GptConfig.initialDeviation", initialDeviation);
  }
}
