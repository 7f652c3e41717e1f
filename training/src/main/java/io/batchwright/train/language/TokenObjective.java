package io.batchwright.train.language;

import io.batchwright.tensor.Arena;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.Sight;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.model.TokenNetwork;
import java.io.Serializable;

/** The recipe of a task that texts themselves are the answers to: what a language model learns. */
public sealed interface TokenObjective extends Serializable
    permits NoTokenObjective, CausalLanguageModel, MaskedLanguageModel, CustomTokenObjective {

  /**
   * What is read and what is to be named.
   *
   * @param arena holds the result
   * @param batch the texts as they are
   * @param vocabulary of the tokens
   * @param pass names the draws, where there are any: by seed, step, role and each text's place in
   *     the global batch, so that they do not depend on how the batch is spread over ranks
   */
  TokenTask task(Arena arena, TextBatch batch, Vocabulary vocabulary, ForwardPass pass);

  /** What the states must know of their text, and no more, for the task to be one. */
  Sight sight();

  /**
   * What makes tokens of the network's states.
   *
   * @param space holds the head's own parameters
   * @param seed of their initial values
   */
  TokenHead head(TokenNetwork network, ParameterSpace space, long seed);

  /**
   * Requires what the task needs of a vocabulary.
   *
   * @throws io.batchwright.data.failure.BatchwrightException with exit code 2 if it lacks that
   */
  default void require(Vocabulary vocabulary) {}

  /** Whether there is a task; where there is none, training is on pairs. */
  default boolean onTokens() {
    return true;
  }
}
