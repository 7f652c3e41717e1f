package io.batchwright.train.model;

import io.batchwright.kernel.Backend;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.DType;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.huggingface.PretrainedFolder;
import io.batchwright.train.schedule.Linear;
import io.batchwright.train.schedule.Schedule;
import java.io.Serializable;
import java.util.Optional;

/**
 * The recipe of a text encoder, or of the network of a language model; it builds them, with their
 * parameters.
 */
public sealed interface Model extends Serializable
    permits StaticEmbedding, Bert, PretrainedEncoder, Gpt, CustomModel {

  /** The length of the vectors it produces, D. */
  int dims();

  /** Whether texts need the tokenizer's special tokens around them, such as {@code [CLS] [SEP]}. */
  default boolean specialTokens() {
    return false;
  }

  /** The most tokens of a text, special tokens included. */
  default int longestText() {
    return Integer.MAX_VALUE;
  }

  /** What the model starts from, for those that go on from another one; empty for all others. */
  default Optional<PretrainedFolder> startsFrom() {
    return Optional.empty();
  }

  /**
   * The learning rates where a recipe names none; they suit {@code AdamW}. Those of a transformer
   * from random weights: ELECTRA-small's peak (2003.10555), between the 1e-4 of BERT, whose batches
   * were small, and the 6e-4 of RoBERTa-base, whose were large.
   */
  default Schedule usualSchedule() {
    return new Linear(5e-4, 0, 0.1, 0);
  }

  /** What the states of its tokens know; {@link Sight#NONE} where they have none. */
  default Sight sight() {
    return Sight.NONE;
  }

  /**
   * Builds the network that a language model trains, with freshly drawn parameters or those it
   * starts from.
   *
   * @param vocabularySize the number of token ids, V
   * @throws UnsupportedOperationException if its {@link #sight} is {@link Sight#NONE}
   */
  default TokenNetwork network(int vocabularySize, ParameterSpace space, RandomStream random) {
    throw new UnsupportedOperationException(this + " has no token states");
  }

  /**
   * Builds the encoder with freshly drawn parameters, or those it starts from.
   *
   * @param vocabularySize the number of token ids, V
   * @param space where the parameters are made
   * @param random the stream of initial values; a value depends on the stream and its position only
   */
  ModelInstance build(int vocabularySize, ParameterSpace space, RandomStream random);

  /** {@link #build(int, ParameterSpace, RandomStream)} in F32. */
  default ModelInstance build(int vocabularySize, Backend backend, Arena run, RandomStream random) {
    return build(vocabularySize, new ParameterSpace(backend, run, DType.F32), random);
  }
}
