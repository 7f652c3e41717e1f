package io.batchwright.data.negative;

/** A miner from outside; recipes name it by its class. */
public non-sealed interface CustomNegativeMiner extends NegativeMiner {}
