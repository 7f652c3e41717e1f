package io.batchwright.train.optimizer;

/** An optimizer from outside Batchwright; recipes name it by its fully qualified class. */
public non-sealed interface CustomOptimizer extends Optimizer {}
