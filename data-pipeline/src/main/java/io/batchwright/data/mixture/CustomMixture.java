package io.batchwright.data.mixture;

/** A mixture from outside, named in a recipe by its class. */
public non-sealed interface CustomMixture extends Mixture {}
