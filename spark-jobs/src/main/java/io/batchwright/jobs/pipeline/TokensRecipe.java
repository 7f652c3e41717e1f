package io.batchwright.jobs.pipeline;

import io.batchwright.data.pack.BestFitPacking;
import io.batchwright.data.pack.Packing;
import io.batchwright.data.token.Tokenize;
import io.batchwright.data.token.TokenizerTrainer;
import io.batchwright.data.token.WordPiece;
import java.io.Serializable;

/**
 * How texts become tokens.
 *
 * @param tokenizer learns the vocabulary, from training texts only
 * @param tokenize cuts texts with it
 * @param prompts stand before texts
 * @param packing which pieces of documents share a sequence of a language model
 */
public record TokensRecipe(
    TokenizerTrainer tokenizer, Tokenize tokenize, Prompts prompts, Packing packing)
    implements Serializable {
  /** BERT's vocabulary size, 256 tokens a text. */
  public static final TokensRecipe DEFAULTS =
      new TokensRecipe(WordPiece.PAPER, Tokenize.DEFAULTS, Prompts.DEFAULTS, BestFitPacking.PAPER);
}
