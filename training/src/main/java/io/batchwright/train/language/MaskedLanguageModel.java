package io.batchwright.train.language;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.technique.Check;
import io.batchwright.technique.Paper;
import io.batchwright.tensor.Arena;
import io.batchwright.tensor.RandomStream;
import io.batchwright.train.layer.ParameterSpace;
import io.batchwright.train.model.ForwardPass;
import io.batchwright.train.model.Sight;
import io.batchwright.train.model.TextBatch;
import io.batchwright.train.model.TokenNetwork;
import java.util.Arrays;

/**
 * Some tokens are chosen, most of those are hidden, and all chosen ones are to be named.
 *
 * <p>Each token that is not special is chosen with probability {@code share}. A chosen token
 * becomes the mask token with probability {@code maskShare}, any token of the vocabulary with
 * probability {@code randomShare}, and stays as it is otherwise. Draws belong to a text's place in
 * the global batch and the token's place in the text, and are new in each step (the dynamic masking
 * of RoBERTa, 1907.11692, section 4.1).
 *
 * <p><b>Deviations from the paper.</b> Tokens are chosen one by one, so their number varies; the
 * paper chooses 15 % of each text's once and for all.
 *
 * <p><b>Relations.</b> {@link CausalLanguageModel} is for models that see one side only.
 *
 * @param share of tokens chosen, in (0, 1]
 * @param maskShare of chosen tokens that are hidden, in [0, 1]
 * @param randomShare of chosen tokens that are replaced by any, in [0, 1 - maskShare]
 */
@Paper(
    title = "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    arxiv = "1810.04805",
    where = "Section 3.1, task 1, and appendix A.1")
public record MaskedLanguageModel(double share, double maskShare, double randomShare)
    implements TokenObjective {
  /** 15 % chosen; of those 80 % hidden, 10 % replaced, 10 % left. */
  public static final MaskedLanguageModel PAPER = new MaskedLanguageModel(0.15, 0.8, 0.1);

  /** Room for the tokens of one text among the draws' positions. */
  private static final long LONGEST_TEXT = 1L << 24;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a parameter is out of its range
   */
  public MaskedLanguageModel {
    Check.range("MaskedLanguageModel.share", share, 0, false, 1, true);
    Check.range("MaskedLanguageModel.maskShare", maskShare, 0, true, 1, true);
    Check.range("MaskedLanguageModel.randomShare", randomShare, 0, true, 1, true);
    Check.that(
        maskShare + randomShare <= 1,
        "MaskedLanguageModel.randomShare",
        "must be at most 1 - maskShare (%s), got %s".formatted(1 - maskShare, randomShare));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the pass does not have a place for each text
   */
  @Override
  public TokenTask task(Arena arena, TextBatch batch, Vocabulary vocabulary, ForwardPass pass) {
    if (pass.places().length != batch.size()) {
      throw new IllegalArgumentException(
          "%d places for %d texts".formatted(pass.places().length, batch.size()));
    }
    RandomStream choice =
        RandomStream.of(pass.seed(), "choice of tokens " + pass.role(), 0, pass.step());
    RandomStream change =
        RandomStream.of(pass.seed(), "change of tokens " + pass.role(), 0, pass.step());
    int[] tokens = batch.tokens().toInts();
    int[] offsets = batch.cuSeqlens().toInts();
    int[] targets = new int[tokens.length];
    Arrays.fill(targets, TokenTask.IGNORED);
    for (int b = 0; b + 1 < offsets.length; b++) {
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        long draw = pass.places()[b] * LONGEST_TEXT + t - offsets[b];
        if (!vocabulary.isSpecial(tokens[t]) && choice.uniformAt(draw) < share) {
          targets[t] = tokens[t];
          tokens[t] = changed(tokens[t], vocabulary, change, draw);
        }
      }
    }
    TextBatch read =
        new TextBatch(arena.ints("changed tokens", tokens, tokens.length), batch.cuSeqlens());
    return TokenTask.of(arena, read, targets);
  }

  @Override
  public void require(Vocabulary vocabulary) {
    if (vocabulary.mask() == Vocabulary.NO_MASK) {
      throw BatchwrightException.usage(
          "MaskedLanguageModel needs a tokenizer with a token [MASK] or <mask>, such as WordPiece.");
    }
  }

  @Override
  public Sight sight() {
    return Sight.BOTH_SIDES;
  }

  @Override
  public TokenHead head(TokenNetwork network, ParameterSpace space, long seed) {
    return TokenHead.of(network, space, seed);
  }

  private int changed(int token, Vocabulary vocabulary, RandomStream change, long draw) {
    double kind = change.uniformAt(draw);
    if (kind < maskShare) {
      return vocabulary.mask();
    }
    return kind < maskShare + randomShare ? (int) change.belowAt(draw, vocabulary.size()) : token;
  }
}
