package io.batchwright.train.graph;

/**
 * An input of an operation together with its backward function.
 *
 * @param input the variable read
 * @param pullback called once in the backward pass if {@code input} needs a gradient
 */
public record Edge(Variable input, Pullback pullback) {}
