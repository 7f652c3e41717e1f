package io.batchwright.data.filter;

/** A filter from outside Batchwright, named in a recipe by its class. */
public non-sealed interface CustomFilter extends Filter {}
