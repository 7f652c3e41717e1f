package io.batchwright.data.negative;

/** A filter from outside; recipes name it by its class. */
public non-sealed interface CustomNegativeFilter extends NegativeFilter {}
