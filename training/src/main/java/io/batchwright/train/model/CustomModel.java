package io.batchwright.train.model;

/** A model from outside Batchwright; recipes name it by its fully qualified class. */
public non-sealed interface CustomModel extends Model {}
