/**
 * Texts to token ids: learning a vocabulary, applying it, numbering texts and samples.
 *
 * <p>Reading order: {@link io.batchwright.data.token.TokenizerTrainer}, {@link
 * io.batchwright.data.token.WordPiece}, {@link io.batchwright.data.token.WordRules}, {@link
 * io.batchwright.data.token.TextIds}, {@link io.batchwright.data.token.Tokenize}, {@link
 * io.batchwright.data.token.SpecialTokens}, {@link io.batchwright.data.token.Samples}.
 *
 * <p>A trained tokenizer is nothing but its {@code tokenizer.json}; ids always come from the loaded
 * file ({@link io.batchwright.data.token.Tokenizer}). What the trainers compute themselves is only
 * what they count, and a test holds both equal. To add a trainer, count words by {@code
 * WordCounts}, and write a file that the library loads.
 */
package io.batchwright.data.token;
