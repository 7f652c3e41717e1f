package io.batchwright.data.pack;

/** A packing from outside; recipes name it by its class. */
public non-sealed interface CustomPacking extends Packing {}
