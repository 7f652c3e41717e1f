package io.batchwright.data.token;

/** A tokenizer trainer from outside; recipes name it by its class. */
public non-sealed interface CustomTokenizerTrainer extends TokenizerTrainer {}
