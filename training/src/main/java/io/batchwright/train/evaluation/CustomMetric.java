package io.batchwright.train.evaluation;

/** A metric from outside Batchwright; recipes name it by its class. */
public non-sealed interface CustomMetric extends Metric {}
