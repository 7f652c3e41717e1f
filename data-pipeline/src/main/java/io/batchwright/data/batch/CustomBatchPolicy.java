package io.batchwright.data.batch;

/** A batch policy from outside; recipes name it by its class. */
public non-sealed interface CustomBatchPolicy extends BatchPolicy {}
