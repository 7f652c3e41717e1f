package io.batchwright.train.loss;

/** A loss from outside Batchwright; recipes name it by its fully qualified class. */
public non-sealed interface CustomLoss extends Loss {}
