package io.batchwright.data.dedup;

/** A deduplicator from outside, named in a recipe by its class. */
public non-sealed interface CustomDeduplicator extends Deduplicator {}
