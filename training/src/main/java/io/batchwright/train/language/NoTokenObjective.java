package io.batchwright.train.language;

import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.Sight;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.model.TokenNetwork;

/** No language model: a recipe trains on pairs of texts, by its loss. */
@Paper(title = "no token objective")
public record NoTokenObjective() implements TokenObjective {
  /** It has no fields. */
  public static final NoTokenObjective PAPER = new NoTokenObjective();

  @Override
  public boolean onTokens() {
    return false;
  }

  @Override
  public Sight sight() {
    return Sight.NONE;
  }

  @Override
  public TokenTask task(Arena arena, TextBatch batch, Vocabulary vocabulary, ForwardPass pass) {
    throw new UnsupportedOperationException("pairs are no task of tokens");
  }

  @Override
  public TokenHead head(TokenNetwork network, ParameterSpace space, long seed) {
    throw new UnsupportedOperationException("pairs need no head");
  }
}
