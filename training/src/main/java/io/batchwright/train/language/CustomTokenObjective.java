package io.batchwright.train.language;

/** A task from outside Batchwright. */
public non-sealed interface CustomTokenObjective extends TokenObjective {}
