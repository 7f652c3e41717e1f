package io.batchwright.data.bucket;

/** A bucketing from outside; recipes name it by its class. */
public non-sealed interface CustomBucketing extends Bucketing {}
