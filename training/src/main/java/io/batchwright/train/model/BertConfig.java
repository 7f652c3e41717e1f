package io.batchwright.train.model;

import io.batchwright.technique.Check;
import java.io.Serializable;

/**
 * The shape of an encoder of BERT's family, with the meanings of Hugging Face's {@code
 * config.json}.
 *
 * @param vocabularySize V, {@code vocab_size}
 * @param dims D, {@code hidden_size}
 * @param layers {@code num_hidden_layers}, at least 1
 * @param heads {@code num_attention_heads}, which divides D
 * @param feedForwardDims F, {@code intermediate_size}
 * @param maxPositions rows of the position table, {@code max_position_embeddings}
 * @param positionOffset the row of a text's first token: 0 for BERT; RoBERTa starts behind the row
 *     of its padding token, at 2
 * @param typeVocabularySize {@code type_vocab_size}; every token is of type 0; 0 for DistilBERT,
 *     which has no types
 * @param dropout {@code hidden_dropout_prob}, in [0, 1)
 * @param attentionDropout {@code attention_probs_dropout_prob}, in [0, 1)
 * @param layerNormEpsilon {@code layer_norm_eps}
 * @param initialDeviation {@code initializer_range}
 */
public record BertConfig(
    int vocabularySize,
    int dims,
    int layers,
    int heads,
    int feedForwardDims,
    int maxPositions,
    int positionOffset,
    int typeVocabularySize,
    double dropout,
    double attentionDropout,
    double layerNormEpsilon,
    double initialDeviation)
    implements Serializable {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a field is out of its range
   */
  public BertConfig {
    Check.atLeast("BertConfig.vocabularySize", vocabularySize, 1);
    Check.atLeast("BertConfig.dims", dims, 1);
    Check.atLeast("BertConfig.layers", layers, 1);
    Check.atLeast("BertConfig.heads", heads, 1);
    Check.that(
        dims % heads == 0,
        "BertConfig.heads",
        "must divide dims (%d), got %d".formatted(dims, heads));
    Check.atLeast("BertConfig.feedForwardDims", feedForwardDims, 1);
    Check.atLeast("BertConfig.maxPositions", maxPositions, 1);
    Check.range("BertConfig.positionOffset", positionOffset, 0, true, maxPositions, false);
    Check.atLeast("BertConfig.typeVocabularySize", typeVocabularySize, 0);
    Check.range("BertConfig.dropout", dropout, 0, true, 1, false);
    Check.range("BertConfig.attentionDropout", attentionDropout, 0, true, 1, false);
    Check.positive("BertConfig.layerNormEpsilon", layerNormEpsilon);
    Check.positive("BertConfig.initialDeviation", initialDeviation);
  }

  /** Without dropout of attention weights. */
  public BertConfig(
      int vocabularySize,
      int dims,
      int layers,
      int heads,
      int feedForwardDims,
      int maxPositions,
      int positionOffset,
      int typeVocabularySize,
      double dropout,
      double layerNormEpsilon,
      double initialDeviation) {
    this(
        vocabularySize,
        dims,
        layers,
        heads,
        feedForwardDims,
        maxPositions,
        positionOffset,
        typeVocabularySize,
        dropout,
        0,
        layerNormEpsilon,
        initialDeviation);
  }

  /** The most tokens a text may have. */
  public int longestText() {
    return maxPositions - positionOffset;
  }
}
