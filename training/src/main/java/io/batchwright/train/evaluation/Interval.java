package io.batchwright.train.evaluation;

/** A figure with the ends of its confidence interval. */
public record Interval(double mean, double low, double high) {}
