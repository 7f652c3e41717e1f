package io.batchwright.train.norm;

/** A normalization from outside Batchwright; recipes name it by its fully qualified class. */
public non-sealed interface CustomNormalization extends Normalization {}
