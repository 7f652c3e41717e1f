package io.batchwright.train.optimizer;

/** A gradient transform from outside Batchwright. */
public non-sealed interface CustomGradientTransform extends GradientTransform {}
