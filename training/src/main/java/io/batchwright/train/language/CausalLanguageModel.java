package io.batchwright.train.language;

import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.Sight;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.model.TokenNetwork;
import java.util.Arrays;

/**
 * At each position of a text, name the token that follows; the last position has no task.
 *
 * <p>It needs a model whose positions see only what stands before them, such as {@link
 * io.batchwright.train.model.GptDecoder}.
 *
 * <p><b>Relations.</b> {@link MaskedLanguageModel} is for models that see both sides.
 */
@Paper(
    title = "Language Models are Unsupervised Multitask Learners",
    where = "Section 2, equation 1 (OpenAI, 2019)")
public record CausalLanguageModel() implements TokenObjective {
  /** It has no parameters. */
  public static final CausalLanguageModel PAPER = new CausalLanguageModel();

  @Override
  public TokenTask task(Arena arena, TextBatch batch, Vocabulary vocabulary, ForwardPass pass) {
    int[] tokens = batch.tokens().toInts();
    int[] offsets = batch.cuSeqlens().toInts();
    int[] targets = new int[tokens.length];
    Arrays.fill(targets, TokenTask.IGNORED);
    for (int b = 0; b + 1 < offsets.length; b++) {
      for (int t = offsets[b]; t + 1 < offsets[b + 1]; t++) {
        targets[t] = tokens[t + 1];
      }
    }
    return TokenTask.of(arena, batch, targets);
  }

  @Override
  public Sight sight() {
    return Sight.BEFORE;
  }

  @Override
  public TokenHead head(TokenNetwork network, ParameterSpace space, long seed) {
    return TokenHead.of(network);
  }
}
